"""Opens a TIFF (ImageJ, OME, plain; compressed, tiled or not) without reading its pixels."""

import dataclasses
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from divnoising_tf.data.axes import checked_axes
from divnoising_tf.data.reading import first_series
from divnoising_tf.data.tiff_metadata import tiff_metadata
from divnoising_tf.errors import InputError
from divnoising_tf.large.extras import tiff_library, zarr_library
from divnoising_tf.large.lazy_image import LazyImage

_SLOW_PIECE = 64 * 2**20  # bytes: decoding more than this for each tile takes seconds


def open_tiff(path: Path, axes: str | None = None) -> LazyImage:
    """Open the first series of a TIFF, see `open_image`.

    Pixels that lie in the file uncompressed and in one run are mapped; of others, the tiles or
    strips that a rectangle touches are decoded.

    Raises:
        InputError: not a TIFF, damaged, colour without `axes`, or axes that do not fit.
    """
    tiff_library()
    with first_series(path, refuse_colour=axes is None) as (series, own):
        letters = checked_axes(axes or own, series.shape)
        dtype = np.dtype(series.dtype)
        if dtype.kind not in "uif":
            raise InputError(
                "The pixels are not real numbers.",
                f"dtype {dtype} in {path}",
                "Give integers or floating point numbers: the counts of the camera.",
            )
        pixels: _Mapped | _Decoded
        if series.dataoffset is not None and not series.is_multifile:
            order = dtype.newbyteorder(series.keyframe.parent.byteorder)
            pixels = _Mapped(path, order, series.shape, series.dataoffset)
        else:
            pixels = _Decoded(path)
            _warn_of_pieces(path, series, dtype)
        metadata = tiff_metadata(series.keyframe.parent, series)
        shape = tuple(series.shape)
    metadata = metadata.fitting(letters, shape, dtype)
    return LazyImage(path, letters, shape, dtype, pixels, metadata)


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
    """Tiles or strips of a file, decoded for each rectangle anew."""

    def __init__(self, path: Path):
        self._path = path
        self._array: Any = None

    def __getitem__(self, index: Any) -> np.ndarray:
        if self._array is None:
            store = tiff_library().imread(self._path, aszarr=True, series=0, level=0)
            self._array = zarr_library().open_array(store, mode="r")
        return np.asarray(self._array[index])


def _warn_of_pieces(path: Path, series: Any, dtype: np.dtype) -> None:
    piece = int(np.prod(series.keyframe.chunks)) * dtype.itemsize
    if piece > _SLOW_PIECE:
        warnings.warn(
            f"{path.name} is compressed in pieces of {piece // 2**20} MB, and one is decoded for "
            "every tile. A tiled TIFF or an OME-Zarr of it takes less time and memory.",
            stacklevel=4,
        )
