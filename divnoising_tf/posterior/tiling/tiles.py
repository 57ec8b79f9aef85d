"""Where tiles lie, and how much of their surroundings each needs to equal the untiled pass.

A pixel of the result depends on a limited part of the image. A tile that sees this part, and the
image's own border where the image ends, has the pixels that one pass over the whole image gives.
Places are in pixels of the image. A grid of latents has one place in every stride × stride pixels.
"""

import dataclasses
from typing import NamedTuple

import numpy as np

from divnoising_tf.errors import InputError
from divnoising_tf.posterior.contract import Reach

Region = tuple[slice, slice]


@dataclasses.dataclass(frozen=True)
class Tile:
    """One part of an image, and what it needs; every region is (rows, columns), for indexing.

    Attributes:
        core: what this tile gives; pixels of the image.
        outer: what must be read for it; pixels of the image.
        decoded: what is decoded for it; pixels of the image padded to the model's multiple.
    """

    core: Region
    outer: Region
    decoded: Region

    @property
    def core_in_decoded(self) -> Region:
        """The core in what is decoded, pixels."""
        return _shifted(self.core, self.decoded)

    def decoded_places(self, stride: int) -> Region:
        """Return what is decoded among the places of a grid that were encoded from `outer`.

        Args:
            stride: of the grid, pixels.
        """
        return _places(_shifted(self.decoded, self.outer), stride)

    def first_place(self, stride: int) -> tuple[int, int]:
        """Return row and column of the first decoded place of a grid in the whole image.

        Args:
            stride: of the grid, pixels.
        """
        rows, columns = _places(self.decoded, stride)
        return rows.start, columns.start

    def part_places(self, part: "Tile", stride: int) -> Region:
        """Return which of the decoded places of a grid a part of this tile needs.

        Args:
            part: a tile whose core lies in that of this one.
            stride: of the grid, pixels.
        """
        return _places(_shifted(part.decoded, self.decoded), stride)


def tiles(size: tuple[int, int], tile_size: int | tuple[int, int], reach: Reach) -> list[Tile]:
    """Divide an image into tiles whose cores cover it exactly once, row by row.

    Args:
        size: of the image, (y, x) in pixels.
        tile_size: of the cores in pixels, one number or (y, x); rounded down to multiples of
            the model's, but at least that. Cores at the lower and right border are what is left.
        reach: of the model.

    Returns:
        The tiles, whose cores start at multiples of the model's.

    Raises:
        InputError: a size is not a positive whole number.

    Example:
        >>> first, second = tiles((100, 150), 128, Reach(multiple=4, encode=12, decode=16))
        >>> second.core
        (slice(0, 100, None), slice(128, 150, None))
        >>> second.outer
        (slice(0, 100, None), slice(100, 150, None))
    """
    region = (slice(0, _whole(size[0])), slice(0, _whole(size[1])))
    return tiles_of(region, size, tile_size, reach)


def tiles_of(
    region: Region, size: tuple[int, int], tile_size: int | tuple[int, int], reach: Reach
) -> list[Tile]:
    """Divide a part of an image, such as a core that was too large, as `tiles` does a whole.

    Args:
        region: what to divide; it starts at multiples of the model's, and ends at such or where
            the image does.
        size: of the whole image, (y, x) in pixels.
        tile_size: as for `tiles`.
        reach: of the model.

    Returns:
        The tiles, whose cores cover the region exactly once.

    Raises:
        InputError: a size is not a positive whole number.
    """
    sides = tile_size if isinstance(tile_size, tuple) else (tile_size, tile_size)
    rows, columns = (
        [_Span.of(core, length, reach) for core in _cores(part, _whole(side), reach.multiple)]
        for part, length, side in zip(region, size, sides, strict=True)
    )
    return [_tile(row, column) for row in rows for column in columns]


class _Span(NamedTuple):
    """A tile along one axis; see `Tile`."""

    core: slice
    outer: slice
    decoded: slice

    @classmethod
    def of(cls, core: slice, size: int, reach: Reach) -> "_Span":
        cell = reach.multiple
        whole = -(-size // cell) * cell
        # the image padded to the multiple is what the networks see
        core_end = -(-core.stop // cell) * cell
        first = max(core.start - reach.decode, 0)
        last = min(core_end + reach.decode, whole)
        return cls(
            core=core,
            outer=slice(max(first - reach.encode, 0), min(last + reach.encode, size)),
            decoded=slice(first, last),
        )


def _cores(part: slice, side: int, cell: int) -> list[slice]:
    step = max(side // cell, 1) * cell
    return [
        slice(start, min(start + step, part.stop)) for start in range(part.start, part.stop, step)
    ]


def _tile(row: _Span, column: _Span) -> Tile:
    return Tile(
        core=(row.core, column.core),
        outer=(row.outer, column.outer),
        decoded=(row.decoded, column.decoded),
    )


def _shifted(region: Region, origin: Region) -> Region:
    """Return a region as counted from where another begins."""
    rows, columns = (
        slice(part.start - first.start, part.stop - first.start)
        for part, first in zip(region, origin, strict=True)
    )
    return rows, columns


def _places(region: Region, stride: int) -> Region:
    rows, columns = (slice(part.start // stride, part.stop // stride) for part in region)
    return rows, columns


def _whole(length: int) -> int:
    if isinstance(length, bool) or not isinstance(length, int | np.integer) or length < 1:
        raise InputError(
            "Sizes of images and tiles are whole numbers of pixels, at least 1.",
            repr(length),
            "For example tile_size=512.",
        )
    return int(length)
