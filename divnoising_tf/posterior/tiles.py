"""Where tiles lie, and how much of their surroundings each needs to equal the untiled pass.

A pixel of the result depends on a limited part of the image. A tile that sees this part, and the
image's own border where the image ends, has the pixels that one pass over the whole image gives.
Places are in pixels of the image, latents in cells of 2^depth × 2^depth pixels.
"""

import dataclasses
import functools
from typing import NamedTuple

import numpy as np

from divnoising_tf.errors import InputError

Region = tuple[slice, slice]


class Halo(NamedTuple):
    """Pixels needed around a tile, multiples of 2^depth."""

    encoder: int
    decoder: int


@dataclasses.dataclass(frozen=True)
class Tile:
    """One part of an image, and what it needs; every region is (rows, columns), for indexing.

    Attributes:
        core: what this tile gives; pixels of the image.
        outer: what must be read for it; pixels of the image.
        latents: which of the latents encoded from `outer` are decoded.
        core_in_decoded: the core in what is decoded from these latents, pixels.
        first_latent: row and column of the first decoded latent in the whole image, cells.
    """

    core: Region
    outer: Region
    latents: Region
    core_in_decoded: Region
    first_latent: tuple[int, int]


@functools.lru_cache
def halo(depth: int) -> Halo:
    """Return how far a latent sees into the image, and a pixel of the signal into the latents.

    Follow one border through the networks. Encoder: the heads reach 1 beyond it; every level
    below doubles the reach, for its pooling, and adds 1 for each of its two convolutions.
    Decoder: the last convolution reaches 1; every level above halves the reach, rounded up, and
    adds 1 for each of the two convolutions on its coarser grid.

    Args:
        depth: levels of the networks.

    Returns:
        Both reaches in pixels, rounded up to multiples of 2^depth.

    Example:
        >>> halo(depth=2)
        Halo(encoder=12, decoder=16)
    """
    cell = 2**depth
    pixels, cells = 1, 1
    for _ in range(depth):
        pixels = 2 * pixels + 2
        cells = -(-cells // 2) + 2
    return Halo(encoder=-(-pixels // cell) * cell, decoder=cells * cell)


def tiles(size: tuple[int, int], tile_size: int | tuple[int, int], depth: int) -> list[Tile]:
    """Divide an image into tiles whose cores cover it exactly once, row by row.

    Args:
        size: of the image, (y, x) in pixels.
        tile_size: of the cores in pixels, one number or (y, x); rounded down to multiples of
            2^depth, but at least that. Cores at the lower and right border are what is left.
        depth: levels of the networks.

    Returns:
        The tiles, whose cores start at multiples of 2^depth.

    Raises:
        InputError: a size is not a positive whole number.

    Example:
        >>> first, second = tiles((100, 150), tile_size=128, depth=2)
        >>> second.core
        (slice(0, 100, None), slice(128, 150, None))
        >>> second.outer
        (slice(0, 100, None), slice(100, 150, None))
    """
    region = (slice(0, _whole(size[0])), slice(0, _whole(size[1])))
    return tiles_of(region, size, tile_size, depth)


def tiles_of(
    region: Region, size: tuple[int, int], tile_size: int | tuple[int, int], depth: int
) -> list[Tile]:
    """Divide a part of an image, such as a core that was too large, as `tiles` does a whole.

    Args:
        region: what to divide; it starts at multiples of 2^depth, and ends at such or where
            the image does.
        size: of the whole image, (y, x) in pixels.
        tile_size: as for `tiles`.
        depth: levels of the networks.

    Returns:
        The tiles, whose cores cover the region exactly once.

    Raises:
        InputError: a size is not a positive whole number.
    """
    sides = tile_size if isinstance(tile_size, tuple) else (tile_size, tile_size)
    rows, columns = (
        [_Span.of(core, length, depth) for core in _cores(part, _whole(side), 2**depth)]
        for part, length, side in zip(region, size, sides, strict=True)
    )
    return [_tile(row, column) for row in rows for column in columns]


class _Span(NamedTuple):
    """A tile along one axis; see `Tile`."""

    core: slice
    outer: slice
    latents: slice
    core_in_decoded: slice
    first_latent: int

    @classmethod
    def of(cls, core: slice, size: int, depth: int) -> "_Span":
        cell, reach = 2**depth, halo(depth)
        whole = -(-size // cell) * cell
        # the image padded to a multiple of 2^depth is what the networks see
        core_end = -(-core.stop // cell) * cell
        first = max(core.start - reach.decoder, 0)
        last = min(core_end + reach.decoder, whole)
        outer_first = max(first - reach.encoder, 0)
        return cls(
            core=core,
            outer=slice(outer_first, min(last + reach.encoder, size)),
            latents=slice((first - outer_first) // cell, (last - outer_first) // cell),
            core_in_decoded=slice(core.start - first, core.stop - first),
            first_latent=first // cell,
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
        latents=(row.latents, column.latents),
        core_in_decoded=(row.core_in_decoded, column.core_in_decoded),
        first_latent=(row.first_latent, column.first_latent),
    )


def _whole(length: int) -> int:
    if isinstance(length, bool) or not isinstance(length, int | np.integer) or length < 1:
        raise InputError(
            "Sizes of images and tiles are whole numbers of pixels, at least 1.",
            repr(length),
            "For example tile_size=512.",
        )
    return int(length)
