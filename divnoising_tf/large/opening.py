"""Opens an image of any size in whatever file it is, without reading its pixels."""

import dataclasses
import os
from pathlib import Path

from divnoising_tf.data.zarr_reading import ZarrImage, is_zarr, open_zarr
from divnoising_tf.errors import InputError
from divnoising_tf.large.lazy_image import LazyImage
from divnoising_tf.large.tiff_reading import open_tiff


def open_image(
    path: str | os.PathLike[str], axes: str | None = None, channels_as_planes: bool = False
) -> LazyImage:
    """Open an OME-Zarr (0.1 to 0.5), a Zarr array or a TIFF without reading its pixels.

    Of an OME-Zarr the highest resolution counts; a TIFF is what `data.read_image` makes of it.

    Args:
        path: a folder with Zarr metadata, or a file .tif or .tiff.
        axes: axes string; None to take those of the metadata.
        channels_as_planes: whether every channel is a plane of its own.

    Raises:
        InputError: nothing there, something else, axes that are not known or do not fit, or a
            library is missing.
    """
    image = _opened(Path(path), axes)
    return dataclasses.replace(image, channels_as_planes=True) if channels_as_planes else image


def _opened(path: Path, axes: str | None) -> LazyImage:
    if is_zarr(path):
        return _of_zarr(open_zarr(path, axes))
    if path.is_file() and path.name.lower().endswith((".tif", ".tiff")):
        return open_tiff(path, axes)
    if not path.exists():
        raise InputError("There is no such file or folder.", path, "Check the name.")
    raise InputError(
        "This is not an image that can be read in parts.", path, "Give an OME-Zarr or a TIFF."
    )


def _of_zarr(image: ZarrImage) -> LazyImage:
    shape = tuple(image.array.shape)
    return LazyImage(image.path, image.axes, shape, image.array.dtype, image.array, image.metadata)
