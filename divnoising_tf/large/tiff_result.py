"""Results in a TIFF: an ImageJ hyperstack, or a BigTIFF with OME metadata above 4 GB."""

import dataclasses
import errno
import os
from pathlib import Path
from typing import Any

import numpy as np

from divnoising_tf.data.tiff_options import imagej_ranges, tiff_options
from divnoising_tf.large.contrasts import contrasts
from divnoising_tf.large.layout import Layout
from divnoising_tf.machine.extras import tiff_library

_PROVISIONAL = (0.0, 1.0)  # display range of a channel, until its pixels are there
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
        ranges = dict.fromkeys(range(len(layout.labels)), _PROVISIONAL)
        metadata = dataclasses.replace(layout.metadata, display_ranges=ranges)
        offset, _ = tiff_library().imwrite(
            path,
            shape=layout.shape,
            dtype="float32",
            returnoffset=True,
            **tiff_options(layout.axes, layout.shape, "float32", metadata, ome),
        )
        _take_space(path, offset, int(np.prod(layout.shape)) * 4)
        return cls(path, layout)

    def write(self, plane: int, rows: slice, columns: slice, first: int, pixels: Any) -> None:
        """Write a rectangle of some channels of one plane, see `ZarrResult.write`."""
        # not by mapping the file into memory: a full disk would then kill the process
        with open(self._path, "r+b") as file:
            for channel, image in enumerate(pixels, first):
                index = self._layout.index(plane, channel, rows, columns)
                self._write_rows(file, index, np.asarray(image).astype(self._dtype))

    def finish(self) -> None:
        """Write the display ranges, for which ImageJ's own format has a place.

        May be called again.
        """
        library = tiff_library()
        with library.TiffFile(self._path, mode="r+") as file:
            if not file.is_imagej:
                return
            results = np.memmap(self._path, self._dtype, "r", self._offset, self._layout.shape)
            windows = contrasts(results, self._layout)
            ranges = {n: (window["start"], window["end"]) for n, window in enumerate(windows)}
            known = dataclasses.replace(self._layout.metadata, display_ranges=ranges)
            tag = file.pages[0].tags["IJMetadata"]
            metadata = {**tag.value, "Ranges": imagej_ranges(known, len(windows))}
            # as many bytes as before, so that they stay in their place
            tag.overwrite(library.imagej_metadata_tag(metadata, file.byteorder)[0][3])

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
