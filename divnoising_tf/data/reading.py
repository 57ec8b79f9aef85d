"""Reads TIFF (ImageJ, OME, plain) and NumPy images, with the names of their axes."""

import logging
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from divnoising_tf.data.axes import checked_axes
from divnoising_tf.data.checks import check_alike, check_values
from divnoising_tf.data.image_metadata import ImageMetadata
from divnoising_tf.data.tiff_metadata import tiff_metadata
from divnoising_tf.errors import InputError

SUFFIXES = (".tif", ".tiff", ".npy", ".npz")
_ANYTHING = "QI"  # what tifffile calls an axis of a stack that has no name


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


def read_image(path: str | os.PathLike, axes: str | None = None) -> Image:
    """Read one image.

    Args:
        path: a .tif, .tiff, .npy or .npz file; .npz with one array.
        axes: axes string; None to take those of a TIFF's metadata, or "YX" and "SYX" by the
            number of axes.

    Returns:
        (array, axes, path, metadata). A .npy file is mapped into memory, not loaded.

    Raises:
        InputError: no such file, not an image, truncated; a colour (RGB) TIFF without `axes`;
            pixels that are complex, boolean, NaN or infinite; axes that do not fit.
    """
    path = Path(path)
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
    source: str | os.PathLike | Sequence[str | os.PathLike], axes: str | None = None
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


def image_files(source: str | os.PathLike | Sequence[str | os.PathLike]) -> list[Path]:
    """Return the image files of a file, a folder, or a list of these, in natural order.

    Raises:
        InputError: nothing there, or a folder without any image.
    """
    if not isinstance(source, (str, os.PathLike)):
        files = [file for one in source for file in image_files(one)]
        if not files:
            raise InputError("There are no images.", "an empty list", "Give at least one file.")
        return files
    path = Path(source)
    if not path.is_dir():
        if not path.exists():
            raise InputError("There is no such file or folder.", path, "Check the name.")
        return [path]
    found = [file for file in path.iterdir() if not file.name.startswith(".")]
    files = [file for file in found if file.is_file() and file.suffix.lower() in SUFFIXES]
    if not files:
        raise InputError(
            "There are no images in this folder.",
            f"{path}, which holds {len(found)} other files or folders",
            f"Put images there that end in one of {', '.join(SUFFIXES)}.",
        )
    return sorted(files, key=lambda file: _natural(file.name))


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
        raise _unreadable(path, error) from error
    raise InputError(
        "An .npz file must hold one array to be read as an image.",
        f"{path} with {len(names)}: {', '.join(names[:5])}",
        "Save the image alone, as .npy for instance.",
    )


@contextmanager
def first_series(path: Path, refuse_colour: bool) -> Iterator[tuple[Any, str | None]]:
    """Open the first series of a TIFF for the time of a block.

    Args:
        path: the file.
        refuse_colour: whether colour (RGB) is refused.

    Yields:
        tifffile's series, and the letters of its axes, or None if those have no name.

    Raises:
        InputError: not a TIFF, damaged or truncated; also if the block finds that out.
    """
    import tifffile

    try:
        with _complaints() as complaints, tifffile.TiffFile(path) as file:
            series = file.series[0]
            colour = series.keyframe.photometric == tifffile.PHOTOMETRIC.RGB
            letters = _named(series.axes)
            if colour and refuse_colour:
                raise InputError(
                    "A colour (RGB) image was given where a grey image is wanted.",
                    f"{path} of shape {series.shape}",
                    "Go back to the raw data, or convert it to grey; if the colours are channels "
                    f"of their own, name the axes ({letters or 'YXC'}).",
                )
            yield series, letters
    except InputError:
        raise
    except Exception as error:  # tifffile raises many kinds for a broken file
        raise _unreadable(path, error) from error
    if complaints:
        raise _unreadable(path, complaints[0])


def _read_tiff(path: Path, refuse_colour: bool) -> tuple[np.ndarray, str | None, ImageMetadata]:
    """Return the pixels of the first series, its axes if they have a name, its metadata."""
    with first_series(path, refuse_colour) as (series, axes):
        return series.asarray(), axes, tiff_metadata(series.keyframe.parent, series)


def _named(letters: str) -> str | None:
    """Translate tifffile's letters; None if they do not say what the axes are."""
    # tifffile's S are the samples of a pixel, here S is a stack
    letters = letters.replace("S", "C") if "C" not in letters else letters
    unknown = [letter for letter in letters if letter in _ANYTHING]
    if len(unknown) == 1:
        letters = letters.replace(unknown[0], "S")
    return letters if set(letters) <= set("STZCYX") and len(set(letters)) == len(letters) else None


@contextmanager
def _complaints() -> Iterator[list[str]]:
    """Collect what tifffile only logs: it returns a part of a truncated stack."""
    messages: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: messages.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("tifffile")
    propagate, logger.propagate = logger.propagate, False
    logger.addHandler(handler)
    try:
        yield messages
    finally:
        logger.removeHandler(handler)
        logger.propagate = propagate


def _unreadable(path: Path, reason: object) -> InputError:
    return InputError(
        "This file cannot be read as an image: it is damaged, truncated or something else.",
        f"{path} ({reason})",
        "Open it in Fiji to see what it is, and copy or save it again.",
    )
