"""Samples of a part of an image, decoded with no more of the image than they need."""

from typing import Any

import numpy as np

from divnoising_tf.errors import InputError
from divnoising_tf.posterior.checks import check_count
from divnoising_tf.posterior.tile_sampler import TileSampler
from divnoising_tf.posterior.tiles import Region, tiles_of


def region_samples(model: Any, pixels: np.ndarray, region: Region, seed: Any, n: int) -> np.ndarray:
    """Return samples 0 to n - 1 of a region: those of the whole image, cropped.

    Args:
        model: a trained `DivNoising`.
        pixels: the whole image, (y, x, channel), counts.
        region: rows and columns, from `checked_region`.
        seed: of the samples of this plane.
        n: number of samples; all of them are held in memory.

    Returns:
        float32 array (n, y, x, channel), counts.
    """
    cell, size = model.multiple, pixels.shape[:2]
    aligned = _aligned(region[0], cell, size[0]), _aligned(region[1], cell, size[1])
    sides = aligned[0].stop - aligned[0].start, aligned[1].stop - aligned[1].start
    whole = -(-sides[0] // cell) * cell, -(-sides[1] // cell) * cell
    (tile,) = tiles_of(aligned, size, whole, model.depth)
    rows, columns = (
        slice(part.start - outer.start, part.stop - outer.start)
        for part, outer in zip(region, aligned, strict=True)
    )
    sampler = TileSampler(model, pixels[tile.outer], tile, seed)
    sizes = (part.stop - part.start for part in region)
    stack = np.empty((n, *sizes, pixels.shape[2]), np.float32)
    first = 0
    for batch in sampler.batches(n):
        stack[first : first + len(batch)] = batch[:, rows, columns]
        first += len(batch)
    return stack


def check_plane(number: int, planes: int) -> None:
    """Refuse the number of a plane that there is not, of so many planes."""
    check_count(number, least=0)
    if number >= planes:
        raise InputError(
            "There is no such image in the stack.",
            f"plane={number} of {planes}",
            "Planes are counted from 0.",
        )


def checked_region(rows: slice | None, columns: slice | None, size: tuple[int, int]) -> Region:
    """Return a crop as slices with both ends, or refuse it.

    Args:
        rows: slice without step; None for all. Negative numbers count from the end.
        columns: likewise.
        size: of the image, (y, x) in pixels.

    Raises:
        InputError: the crop is empty or has a step.

    Example:
        >>> checked_region(slice(2, 99), None, (50, 60))
        (slice(2, 50, None), slice(0, 60, None))
    """
    region = tuple(_checked_slice(*pair) for pair in zip((rows, columns), size, strict=True))
    return region[0], region[1]


def _aligned(part: slice, cell: int, length: int) -> slice:
    """Widen to multiples of the cell, or to the end of the image."""
    return slice(part.start // cell * cell, min(-(-part.stop // cell) * cell, length))


def _checked_slice(part: Any, length: int) -> slice:
    if part is None:
        return slice(0, length)
    if not isinstance(part, slice) or part.step not in (None, 1):
        raise InputError(
            "Rows and columns of a crop are slices without a step.",
            repr(part),
            "For example slice(100, 140).",
        )
    first, stop, _ = part.indices(length)
    if stop <= first:
        raise InputError(
            "The crop holds no pixel of the image.",
            f"{part} of {length} pixels",
            "Give a start and a stop inside the image.",
        )
    return slice(first, stop)
