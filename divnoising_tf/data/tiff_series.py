"""Which series of a TIFF are its image, and whether all their planes are there."""

import logging
import math
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from divnoising_tf.data.tiff_names import missing_files, named_files
from divnoising_tf.errors import InputError

_ANYTHING = "QIR"  # what tifffile calls an axis of a stack that has no name, and of positions
# kinds of series that say themselves how many planes they have
_COUNTED = ("ome", "mmstack", "ndtiff")
# of the list of pages, or of what a page says: tifffile's words for what lies behind the end
_SIGNS_OF_A_CUT = ("TiffPages", "invalid value offset")


class TiffImage(NamedTuple):
    """The image of a TIFF: one series, or several of one shape as a stack.

    Attributes:
        file: tifffile's, open.
        numbers: of the series in the file.
        letters: of the axes, or None if those have no name.
        shape: pixels along each axis.
        joined: axis along which several series lie one after the other; None if each is a step
            of the first axis, or if there is one series.
    """

    file: Any
    numbers: tuple[int, ...]
    letters: str | None
    shape: tuple[int, ...]
    joined: int | None

    @property
    def series(self) -> list[Any]:
        """Tifffile's series."""
        return [self.file.series[number] for number in self.numbers]

    def asarray(self) -> np.ndarray:
        """Read all pixels."""
        arrays = [one.asarray() for one in self.series]
        if len(arrays) == 1:
            return arrays[0]
        return np.stack(arrays) if self.joined is None else np.concatenate(arrays, self.joined)


@contextmanager
def tiff_image(path: Path, refuse_colour: bool) -> Iterator[TiffImage]:
    """Open the image of a TIFF for the time of a block.

    Series of equal shape, axes and type are one stack. A warning says which others are left out.

    Args:
        path: the file.
        refuse_colour: whether colour (RGB) is refused.

    Yields:
        The image, none of its pixels read.

    Raises:
        InputError: not a TIFF, damaged or truncated, also if the block finds that out; planes are
            missing, or lie in files that are not beside it.
    """
    import tifffile

    try:
        with complaints_of_tifffile() as complaints, tifffile.TiffFile(path) as file:
            image = image_of(file)
            if refuse_colour:
                _refuse_colour(path, image)
            _check_planes(path, image, complaints)
            _warn_of_others(path, image, list(complaints))
            known = len(complaints)
            yield image
    except (InputError, Warning):
        raise
    except Exception as error:  # tifffile raises many kinds for a broken file
        raise unreadable(path, error) from error
    if complaints[known:]:
        raise unreadable(path, complaints[known])


def image_of(file: Any) -> TiffImage:
    """Choose the series of an open TIFF that are its image: the most pixels of one shape.

    Raises:
        InputError: it names files that are not beside it.
    """
    named_files(file)
    alike: dict[Any, list[int]] = {}
    for number in own_series(file):
        one = file.series[number]
        alike.setdefault((one.shape, one.axes, one.dtype), []).append(number)
    numbers = max(alike.values(), key=lambda some: len(some) * file.series[some[0]].size)
    first = file.series[numbers[0]]
    letters, shape = _named(first.axes), tuple(first.shape)
    if len(numbers) == 1:
        return TiffImage(file, (numbers[0],), letters, shape, None)
    if letters and "S" in letters:
        joined = letters.index("S")
        length = shape[joined] * len(numbers)
        shape = (*shape[:joined], length, *shape[joined + 1 :])
        return TiffImage(file, tuple(numbers), letters, shape, joined)
    return TiffImage(file, tuple(numbers), letters and f"S{letters}", (len(numbers), *shape), None)


def own_series(file: Any) -> list[int]:
    """Return the numbers of the series with planes in this very file; all, if there are none."""
    every = range(len(file.series))
    own = [
        number
        for number in every
        if not file.series[number].is_multifile
        or any(page is not None and page.parent is file for page in file.series[number])
    ]
    return own or list(every)


def _refuse_colour(path: Path, image: TiffImage) -> None:
    import tifffile

    first = image.series[0]
    if first.keyframe.photometric == tifffile.PHOTOMETRIC.RGB:
        raise InputError(
            "A colour (RGB) image was given where a grey image is wanted.",
            f"{path} of shape {first.shape}",
            "Go back to the raw data, or convert it to grey; if the colours are channels "
            f"of their own, name the axes ({image.letters or 'YXC'}).",
        )


def _check_planes(path: Path, image: TiffImage, complaints: Sequence[str]) -> None:
    """Refuse an image of which planes are missing, and no other that tifffile complains about."""
    missing = sum(_missing_planes(one) for one in image.series)
    if missing:
        share = f"{missing} of {sum(_planes(one) for one in image.series)} planes are missing"
        files = missing_files(image.file)
        if not files:
            raise unreadable(path, share)
        raise InputError(
            "This image cannot be read: it is in several files, which are not all there.",
            f"{path} without {', '.join(files[:3])} ({share})",
            "Put all files of an image into one folder, under the names that it was written with.",
        )
    if all(one.kind in _COUNTED for one in image.series):
        return
    # there may have been more planes, or a description of them
    damage = [one for one in complaints if any(sign in one for sign in _SIGNS_OF_A_CUT)]
    if damage:
        raise unreadable(path, damage[0])


def _missing_planes(series: Any) -> int:
    if series.dataoffset is not None:
        room = series.keyframe.parent.filehandle.size - series.dataoffset
        return math.ceil(max(0, series.nbytes - room) / series.keyframe.nbytes)
    there = sum(page is not None and _has_pixels(page) for page in series)
    # planes that are too many have no place either
    return abs(_planes(series) - there)


def _planes(series: Any) -> int:
    return int(series.size // series.keyframe.size)


def _has_pixels(page: Any) -> bool:
    """Say whether all tiles or strips of a page lie in its file; empty ones are zero."""
    size, first = page.parent.filehandle.size, page.keyframe
    lengths = list(page.databytecounts)
    if lengths and first.compression == 1 and not first.is_tiled:
        # some count the last strip as long as the others
        lengths[-1] = min(lengths[-1], first.nbytes - sum(lengths[:-1]))
    places = zip(page.dataoffsets, lengths, strict=False)
    return any(lengths) and all(offset + length <= size for offset, length in places if length)


def _warn_of_others(path: Path, image: TiffImage, complaints: Sequence[str]) -> None:
    """Say what is in the file and is not read, and what is odd about it."""
    others = Counter(
        _described(image.file.series[number])
        for number in own_series(image.file)
        if number not in image.numbers
    )
    if others:
        left_out = ", ".join(f"{number} of {what}" for what, number in others.items())
        warnings.warn(
            f"{path.name} holds images of several kinds. Read: {len(image.numbers)} of "
            f"{_described(image.series[0])}. Left out: {left_out}. If you want those, save them "
            "as a file of their own.",
            stacklevel=2,
        )
    pages = _pages_left(image.file)
    if pages > 0:
        warnings.warn(
            f"{path.name}: {pages} plane(s) in the file are in none of the images that it "
            "describes, and are left out. Save it again in Fiji if you want them.",
            stacklevel=2,
        )
    if complaints:
        warnings.warn(
            f"{path.name} is not quite as it should be, but all its planes are there and are read "
            f"({complaints[0]}).",
            stacklevel=2,
        )


def _described(series: Any) -> str:
    return f"{' × '.join(map(str, series.shape))} ({series.dtype})"


def _pages_left(file: Any) -> int:
    """Return how many pages of a file belong to none of its series."""
    if any(one.is_multifile for one in file.series):
        return 0
    levels = [level for one in file.series for level in one.levels]
    return len(file.pages) - sum(len(one) for one in levels if not one.keyframe.is_subifd)


def _named(letters: str) -> str | None:
    """Translate tifffile's letters; None if they do not say what the axes are."""
    # tifffile's S are the samples of a pixel, here S is a stack
    letters = letters.replace("S", "C") if "C" not in letters else letters
    unknown = [letter for letter in letters if letter in _ANYTHING]
    if len(unknown) == 1:
        letters = letters.replace(unknown[0], "S")
    return letters if set(letters) <= set("STZCYX") and len(set(letters)) == len(letters) else None


@contextmanager
def complaints_of_tifffile() -> Iterator[list[str]]:
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


def unreadable(path: Path, reason: object) -> InputError:
    """Return the error for a file that is no image, or not all of one."""
    return InputError(
        "This file cannot be read as an image: it is damaged, truncated or something else.",
        f"{path} ({reason})",
        "Open it in Fiji to see what it is, and copy or save it again.",
    )
