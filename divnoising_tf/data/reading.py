"""Reads TIFF (ImageJ, OME, plain), NumPy and OME-Zarr images, with the names of their axes."""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from divnoising_tf.data.axes import checked_axes
from divnoising_tf.data.checks import check_alike, check_values
from divnoising_tf.data.image_metadata import ImageMetadata
from divnoising_tf.data.tiff_metadata import tiff_metadata
from divnoising_tf.data.tiff_series import tiff_image, unreadable
from divnoising_tf.data.tiff_sets import without_parts
from divnoising_tf.data.zarr_reading import is_zarr, open_zarr
from divnoising_tf.errors import InputError

SUFFIXES = (".tif", ".tiff", ".npy", ".npz")


class Image(NamedTuple):
    """An image as it was read.

    Attributes:
        array: pixels in the file's own dtype, counts.
        axes: one letter per axis, such as "TYX".
        path: where it came from.
        metadata: pixel sizes, names and display ranges of the channels, where they are known.
    """

    array: np.ndarray
    axes: str
    path: Path
    metadata: ImageMetadata = ImageMetadata()

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name


def read_image(path: str | os.PathLike[str], axes: str | None = None) -> Image:
    """Read one image.

    Args:
        path: a .tif, .tiff, .npy or .npz file; .npz with one array. Or the folder of an OME-Zarr
            or a Zarr array.
        axes: axes string; None to take those of the metadata, or "YX" and "SYX" by the number
            of axes.

    Returns:
        (array, axes, path, metadata). A .npy file is mapped into memory, not loaded. Of a TIFF
        with several series those of one shape, as a stack; a warning says what is left out. Of
        an OME-TIFF in several files all planes, whichever file is given.

    Raises:
        InputError: no such file, not an image, truncated; planes in other files that are missing
            or not beside it; a colour (RGB) TIFF without `axes`;
            pixels that are complex, boolean, NaN or infinite; axes that do not fit.
    """
    path = Path(path)
    if is_zarr(path):
        folder = open_zarr(path, axes)
        values = folder.pixels()
        check_values(values, path.name)
        return Image(values, folder.axes, path, folder.metadata)
    if not path.is_file():
        raise InputError("There is no such file.", path, "Check the name and the folder.")
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise InputError(
            "This kind of file is not read.",
            path,
            f"Give one of {', '.join(SUFFIXES)}; Fiji saves any image as TIFF.",
        )
    own_axes, metadata = None, ImageMetadata()
    if suffix in (".npy", ".npz"):
        values = _read_numpy(path)
    else:
        values, own_axes, metadata = _read_tiff(path, refuse_colour=axes is None)
    check_values(values, path.name)
    axes = checked_axes(axes or own_axes, values.shape)
    return Image(values, axes, path, metadata.fitting(axes, values.shape, values.dtype))


def read_images(
    source: str | os.PathLike[str] | Sequence[str | os.PathLike[str]], axes: str | None = None
) -> list[Image]:
    """Read a file, all images of a folder, or a list of these.

    Args:
        source: where the images are; a folder is not searched below its first level.
        axes: axes string of every image; None as in `read_image`.

    Returns:
        Images in natural order (image2 before image10). Sizes may differ.

    Raises:
        InputError: as `read_image`; or the images differ in dtype, axes or channels, with
            the names of those that differ from the first.
    """
    images = [read_image(path, axes) for path in image_files(source)]
    names = [image.name for image in images]
    check_alike(names, [str(image.array.dtype) for image in images], "type")
    check_alike(names, [image.axes for image in images], "axes")
    channels = [
        image.array.shape[image.axes.index("C")] if "C" in image.axes else 1 for image in images
    ]
    check_alike(names, [f"{number} channel(s)" for number in channels], "number of channels")
    return images


def image_files(source: str | os.PathLike[str] | Sequence[str | os.PathLike[str]]) -> list[Path]:
    """Return the images of a file, a folder, or a list of these, in natural order.

    Of an image in several files (OME-TIFF, Micro-Manager) only the first, which is read with the
    planes of the others. The folder of an OME-Zarr is an image.

    Raises:
        InputError: nothing there, a folder without any image, or with a link to one that is not
            there.
    """
    return without_parts(_listed(source))


def _listed(source: str | os.PathLike[str] | Sequence[str | os.PathLike[str]]) -> list[Path]:
    if not isinstance(source, (str, os.PathLike)):
        files = [file for one in source for file in _listed(one)]
        if not files:
            raise InputError("There are no images.", "an empty list", "Give at least one file.")
        return files
    path = Path(source)
    if is_zarr(path):
        return [path]
    if not path.is_dir():
        if not path.exists():
            raise InputError("There is no such file or folder.", path, "Check the name.")
        return [path]
    found = [file for file in path.iterdir() if not file.name.startswith(".")]
    images = [file for file in found if file.suffix.lower() in SUFFIXES and not file.is_dir()]
    _refuse_missing(images)
    images += [folder for folder in found if is_zarr(folder)]
    if not images:
        raise InputError(
            "There are no images in this folder.",
            f"{path}, which holds {len(found)} other files or folders",
            f"Put images there that end in one of {', '.join(SUFFIXES)}, or OME-Zarr.",
        )
    return sorted(images, key=lambda file: _natural(file.name))


def _refuse_missing(images: Sequence[Path]) -> None:
    """Refuse links to what is not there, such as a disk that is not mounted."""
    missing = [str(image) for image in images if not image.is_file()]
    if missing:
        raise InputError(
            "An image of this folder is not there: a link leads nowhere, or to no file.",
            ", ".join(missing[:5]) + (f" and {len(missing) - 5} more" * (len(missing) > 5)),
            "Mount the disk that it is on, or delete the link.",
        )


def _natural(name: str) -> list[tuple[int, int, str]]:
    parts = re.findall(r"\d+|\D+", name)
    return [(0, int(part), part) if part.isdecimal() else (1, 0, part.lower()) for part in parts]


def _read_numpy(path: Path) -> np.ndarray:
    try:
        if path.suffix.lower() == ".npy":
            return np.load(path, mmap_mode="r", allow_pickle=False)
        with np.load(path, allow_pickle=False) as archive:
            names = list(archive.files)
            if len(names) == 1:
                return archive[names[0]]
    except Exception as error:  # zipfile, zlib and numpy raise many kinds for a broken file
        raise unreadable(path, error) from error
    raise InputError(
        "An .npz file must hold one array to be read as an image.",
        f"{path} with {len(names)}: {', '.join(names[:5])}",
        "Save the image alone, as .npy for instance.",
    )


def _read_tiff(path: Path, refuse_colour: bool) -> tuple[np.ndarray, str | None, ImageMetadata]:
    """Return the pixels of a TIFF, its axes if they have a name, and its metadata."""
    with tiff_image(path, refuse_colour) as image:
        metadata = tiff_metadata(image.file, image.series[0], image.numbers[0])
        return image.asarray(), image.letters, metadata
