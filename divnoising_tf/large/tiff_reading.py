"""Opens a TIFF (ImageJ, OME, plain; compressed, tiled or not) without reading its pixels."""

import dataclasses
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from divnoising_tf.data.axes import checked_axes
from divnoising_tf.data.tiff_metadata import tiff_metadata
from divnoising_tf.data.tiff_series import TiffImage, complaints_of_tifffile, image_of, tiff_image
from divnoising_tf.errors import InputError
from divnoising_tf.large.lazy_image import LazyImage
from divnoising_tf.machine.extras import tiff_library, zarr_library

_SLOW_PIECE = 64 * 2**20  # bytes: decoding more than this for each tile takes seconds


def open_tiff(path: Path, axes: str | None = None) -> LazyImage:
    """Open the image of a TIFF, see `open_image`.

    Pixels that lie in the file uncompressed and in one run are mapped; of others, the tiles or
    strips that a rectangle touches are decoded.

    Raises:
        InputError: not a TIFF, damaged, colour without `axes`, or axes that do not fit.
    """
    tiff_library()
    with tiff_image(path, refuse_colour=axes is None) as image:
        letters = checked_axes(axes or image.letters, image.shape)
        first = image.series[0]
        dtype = np.dtype(first.dtype)
        if dtype.kind not in "uif":
            raise InputError(
                "The pixels are not real numbers.",
                f"dtype {dtype} in {path}",
                "Give integers or floating point numbers: the counts of the camera.",
            )
        pixels = _pixels(path, image)
        metadata = tiff_metadata(image.file, first, image.numbers[0])
    metadata = metadata.fitting(letters, image.shape, dtype)
    return LazyImage(path, letters, image.shape, dtype, pixels, metadata)


def _pixels(path: Path, image: TiffImage) -> Any:
    """Return what reads rectangles of an image by basic indexing."""
    decoded = _Decoded(path)
    parts: list[Any] = []
    for number, series in enumerate(image.series):
        if series.dataoffset is not None and not series.is_multifile:
            dtype = np.dtype(series.dtype).newbyteorder(series.keyframe.parent.byteorder)
            parts.append(_Mapped(path, dtype, series.shape, series.dataoffset))
        else:
            parts.append(_Part(decoded, number))
    if any(isinstance(part, _Part) for part in parts):
        _warn_of_pieces(path, image.series[0])
    return parts[0] if len(parts) == 1 else _Stack(parts, image)


@dataclasses.dataclass(frozen=True)
class _Mapped:
    """Pixels in one run of a file, mapped for each rectangle anew so that none stay in memory."""

    path: Path
    dtype: np.dtype
    shape: tuple[int, ...]
    offset: int

    def __getitem__(self, index: Any) -> np.ndarray:
        mapped = np.memmap(self.path, self.dtype, "r", self.offset, self.shape)
        return np.array(mapped[index])


class _Decoded:
    """Series of a file, of which tiles or strips are decoded for each rectangle anew."""

    def __init__(self, path: Path):
        self._path = path
        self._image: TiffImage | None = None
        self._last: tuple[int, Any] | None = None

    def series(self, number: int) -> Any:
        """Return one series of the image, as an array of Zarr."""
        if self._image is None:
            with complaints_of_tifffile():  # heard when it was opened first
                self._image = image_of(tiff_library().TiffFile(self._path))
        if self._last is None or self._last[0] != number:
            store = self._image.series[number].aszarr(level=0)
            self._last = number, zarr_library().open_array(store, mode="r")
        return self._last[1]


@dataclasses.dataclass(frozen=True)
class _Part:
    """One series of a file that is decoded."""

    file: _Decoded
    number: int

    def __getitem__(self, index: Any) -> np.ndarray:
        return np.asarray(self.file.series(self.number)[index])


class _Stack:
    """Several series of one shape, one after the other along an axis."""

    def __init__(self, parts: list[Any], image: TiffImage):
        self._parts = parts
        self._axis = image.joined or 0
        self._length = image.shape[self._axis]
        self._is_step = image.joined is None

    def __getitem__(self, index: Any) -> np.ndarray:
        place = index[self._axis]
        if isinstance(place, slice):
            steps = [self._step(index, one) for one in range(*place.indices(self._length))]
            return np.stack(steps, sum(isinstance(one, slice) for one in index[: self._axis]))
        return self._step(index, place)

    def _step(self, index: Any, place: int) -> np.ndarray:
        """Return what lies at one place of the axis."""
        before, after = index[: self._axis], index[self._axis + 1 :]
        if self._is_step:
            return np.asarray(self._parts[place][after])
        number, within = divmod(place, self._length // len(self._parts))
        inside = (*before, within, *after)
        return np.asarray(self._parts[number][inside])


def _warn_of_pieces(path: Path, series: Any) -> None:
    piece = int(np.prod(series.keyframe.chunks)) * series.dtype.itemsize
    if piece > _SLOW_PIECE:
        warnings.warn(
            f"{path.name} is compressed in pieces of {piece // 2**20} MB, and one is decoded for "
            "every tile. A tiled TIFF or an OME-Zarr of it takes less time and memory.",
            stacklevel=4,
        )
