"""Results in an OME-Zarr 0.4 or 0.5, written chunk by chunk."""

from pathlib import Path
from typing import Any

import numpy as np

from divnoising_tf.errors import InputError
from divnoising_tf.large.contrasts import contrasts
from divnoising_tf.large.layout import Layout
from divnoising_tf.large.ome_metadata import ome_metadata
from divnoising_tf.large.pyramid import add_level, largest_first
from divnoising_tf.machine.extras import zarr_library

VERSIONS = {"0.4": 2, "0.5": 3}  # of OME-Zarr, and the Zarr format that it asks for
_CHUNK_SIZE = 512  # pixels: what viewers load at once


class ZarrResult:
    """An OME-Zarr under construction.

    A chunk belongs to one tile, so that tiles can be written by many processes at once, in
    any order, and again.

    Args:
        path: its folder, made by `create`.
        layout: of the results.
    """

    def __init__(self, path: Path, layout: Layout):
        self._path = path
        self._layout = layout
        self._group: Any = zarr_library().open_group(path, mode="r+")
        self._array = self._group["0"]

    @classmethod
    def create(cls, path: Path, layout: Layout, tile_size: int, version: str) -> "ZarrResult":
        """Make a new OME-Zarr without pixels, in place of what is there.

        Args:
            path: its folder.
            layout: of the results.
            tile_size: rows and columns that are written at once, pixels.
            version: of OME-Zarr, from `VERSIONS`.
        """
        group = zarr_library().create_group(path, zarr_format=VERSIONS[version], overwrite=True)
        _create_array(group, "0", layout, layout.shape, chunk_size(tile_size))
        return cls(path, layout)

    def write(self, plane: int, rows: slice, columns: slice, first: int, pixels: Any) -> None:
        """Write a rectangle of some channels of one plane.

        Args:
            plane: its number in the noisy image, channels apart.
            rows: slice, pixels.
            columns: slice, pixels.
            first: number of the first of the channels.
            pixels: (channel, y, x), counts.
        """
        channels = slice(first, first + len(pixels))
        region = np.asarray(pixels, np.float32)
        index = self._layout.index(plane, channels, rows, columns)
        self._array[index] = region

    def finish(self) -> None:
        """Add the lower resolutions and the metadata; may be called again."""
        sizes = [(self._layout.length("Y"), self._layout.length("X"))]
        array = self._array
        for number, size in enumerate(largest_first(*sizes[0], smallest=_CHUNK_SIZE), 1):
            lower = _create_array(
                self._group,
                str(number),
                self._layout,
                (*self._layout.shape[:-2], *size),
                array.chunks[-1],
            )
            add_level(array, lower)
            array = lower
            sizes.append(size)
        name = self._path.stem
        version = "0.4" if self._group.metadata.zarr_format == VERSIONS["0.4"] else "0.5"
        self._group.attrs.update(
            ome_metadata(name, version, self._layout, len(sizes), contrasts(array, self._layout))
        )


def check_version(version: str) -> None:
    """Refuse a version of OME-Zarr that is not written.

    Raises:
        InputError: it is none of `VERSIONS`.
    """
    if version not in VERSIONS:
        raise InputError(
            "This version of OME-Zarr is not written.",
            repr(version),
            f"Use one of {', '.join(VERSIONS)}.",
        )


def chunk_size(tile_size: int) -> int:
    """Return rows and columns of a chunk: a part of a tile that viewers like.

    Example:
        >>> chunk_size(2048), chunk_size(320)
        (512, 320)
    """
    while tile_size > _CHUNK_SIZE and tile_size % 2 == 0:
        tile_size //= 2
    return tile_size


def _create_array(group: Any, name: str, layout: Layout, shape: Any, chunk: int) -> Any:
    chunks = (*[1] * (len(shape) - 2), *(min(chunk, length) for length in shape[-2:]))
    options: dict[str, Any] = {"chunk_key_encoding": {"name": "v2", "separator": "/"}}
    if group.metadata.zarr_format == VERSIONS["0.5"]:
        options = {"dimension_names": [letter.lower() for letter in layout.axes]}
    return group.create_array(
        name, shape=shape, chunks=chunks, dtype="float32", fill_value=0.0, overwrite=True, **options
    )
