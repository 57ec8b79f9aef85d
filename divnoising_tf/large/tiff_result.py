"""Results in a TIFF: an ImageJ hyperstack, or a BigTIFF with OME metadata above 4 GB."""

import contextlib
import errno
import os
from pathlib import Path
from typing import Any

import numpy as np

from divnoising_tf._extras import tiff_library
from divnoising_tf.large.layout import Layout
from divnoising_tf.large.units_of_length import short_unit

# what a TIFF that is not a BigTIFF can hold, with room for the metadata
_CLASSIC_TIFF_BYTES = 2**32 - 2**25
_NOT_SUPPORTED = (errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS)


class TiffResult:
    """A TIFF under construction, whose pixels lie in one run without compression.

    Args:
        path: the file, made by `create`.
        layout: of the results.
    """

    def __init__(self, path: Path, layout: Layout):
        with tiff_library().TiffFile(path) as file:
            self._offset = file.series[0].dataoffset
            self._dtype = np.dtype(np.float32).newbyteorder(file.byteorder)
        self._path = path
        self._layout = layout

    @classmethod
    def create(cls, path: Path, layout: Layout, ome: bool) -> "TiffResult":
        """Make a new TIFF of zeros, in place of what is there.

        The space on the disk is taken at once, so that a disk that is too small is noticed
        before hours of work.

        Args:
            path: the file.
            layout: of the results.
            ome: whether it holds OME metadata whatever its size.

        Raises:
            OSError: the disk is full.
        """
        size = int(np.prod(layout.shape)) * 4
        big = size > _CLASSIC_TIFF_BYTES
        ome = ome or big
        resolution = {} if ome else _imagej_resolution(layout)
        offset, _ = tiff_library().imwrite(
            path,
            shape=layout.shape,
            dtype="float32",
            bigtiff=big,
            imagej=not ome,
            ome=ome,
            photometric="minisblack",
            metadata=_ome_metadata(layout) if ome else _imagej_metadata(layout),
            returnoffset=True,
            **resolution,
        )
        _take_space(path, offset, size)
        return cls(path, layout)

    def write(self, plane: int, rows: slice, columns: slice, first: int, pixels: Any) -> None:
        """Write a rectangle of some channels of one plane, see `ZarrResult.write`."""
        # not by mapping the file into memory: a full disk would then kill the process
        with open(self._path, "r+b") as file:
            for channel, image in enumerate(pixels, first):
                index = self._layout.index(plane, channel, rows, columns)
                self._write_rows(file, index, np.asarray(image).astype(self._dtype))

    def finish(self) -> None:
        """Do nothing: a TIFF is complete when its pixels are."""

    def _write_rows(self, file: Any, index: tuple[Any, ...], image: np.ndarray) -> None:
        *place, rows, columns = index
        for row, line in enumerate(image, rows.start):
            number = np.ravel_multi_index((*place, row, columns.start), self._layout.shape)
            file.seek(self._offset + int(number) * self._dtype.itemsize)
            file.write(line.tobytes())


def _take_space(path: Path, offset: int, size: int) -> None:
    if not hasattr(os, "posix_fallocate"):
        return
    with open(path, "r+b") as file:
        try:
            os.posix_fallocate(file.fileno(), offset, size)
        except OSError as error:
            # some file systems cannot promise space
            if error.errno not in _NOT_SUPPORTED:
                raise


def _ome_metadata(layout: Layout) -> dict[str, Any]:
    metadata: dict[str, Any] = {"axes": layout.axes, "Channel": {"Name": list(layout.labels)}}
    for letter, size in layout.pixel_sizes.items():
        unit = short_unit(size.unit)
        name = "TimeIncrement" if letter == "T" else f"PhysicalSize{letter}"
        # a size without a unit would be taken for micrometers
        if unit is not None:
            metadata |= {name: size.size, f"{name}Unit": unit}
    return metadata


def _imagej_metadata(layout: Layout) -> dict[str, Any]:
    planes = int(np.prod([layout.length(letter) for letter in layout.axes if letter in "TZ"]))
    metadata: dict[str, Any] = {"axes": layout.axes, "Labels": list(layout.labels) * planes}
    sizes = layout.pixel_sizes
    if "X" in sizes and short_unit(sizes["X"].unit):
        metadata["unit"] = str(short_unit(sizes["X"].unit)).replace("µ", "u")
        if "Z" in sizes and sizes["Z"].unit == sizes["X"].unit:
            metadata["spacing"] = sizes["Z"].size
    if "T" in sizes and sizes["T"].unit == "second":
        metadata["finterval"] = sizes["T"].size
    return metadata


def _imagej_resolution(layout: Layout) -> dict[str, Any]:
    with contextlib.suppress(KeyError, ZeroDivisionError):
        x, y = layout.pixel_sizes["X"], layout.pixel_sizes["Y"]
        if short_unit(x.unit) and x.unit == y.unit:
            return {"resolution": (1 / x.size, 1 / y.size)}
    return {}
