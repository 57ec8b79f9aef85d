"""Which pixels train and which validate: rectangles of the planes that never overlap."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from divnoising_tf.errors import InputError


class Region(NamedTuple):
    """A rectangle of one plane, in pixels; patches are cut inside it.

    Attributes:
        plane: index of the plane.
        top: first row.
        left: first column.
        height: rows.
        width: columns.
        area: pixels that count for how often the region is drawn from; less than height times
            width where the rectangle reaches into a neighbouring region of the same purpose.
    """

    plane: int
    top: int
    left: int
    height: int
    width: int
    area: int


def split(
    sizes: Sequence[tuple[int, int]], patch_size: int, fraction: float, seed: int
) -> tuple[list[Region], list[Region]]:
    """Divide planes into regions for training and for validation.

    With enough planes (fraction times their number is 1 or more) whole planes are held out,
    chosen by the seed. Otherwise a part of each plane is: a strip across its end, or a block
    in its last corner where a strip that holds a patch would be more than the fraction.

    Args:
        sizes: (height, width) of every plane, pixels, each at least `patch_size`.
        patch_size: side of the patches, pixels.
        fraction: share of the pixels to validate on, 0 to below 1; at least one patch.
        seed: chooses the planes.

    Returns:
        Training regions and validation regions, which share no pixel.

    Raises:
        InputError: nothing can be held out, because there is one plane, too small for it.

    Example:
        >>> training, validation = split([(64, 64)], patch_size=16, fraction=0.15, seed=0)
        >>> validation
        [Region(plane=0, top=48, left=26, height=16, width=38, area=608)]
    """
    wholes = [_whole(plane, size) for plane, size in enumerate(sizes)]
    if fraction == 0:
        return wholes, []
    held_out = round(len(sizes) * fraction)
    if len(sizes) * fraction >= 1 and held_out < len(sizes):
        return _hold_out_planes(wholes, held_out, seed)
    parts = [_hold_out_part(plane, size, patch_size, fraction) for plane, size in enumerate(sizes)]
    training = [region for train, _ in parts for region in train]
    validation = [region for _, held in parts for region in held]
    if validation:
        return training, validation
    if len(sizes) > 1:
        return _hold_out_planes(wholes, 1, seed)
    raise InputError(
        "The image is too small to hold out a patch for validation.",
        f"{sizes[0][0]} x {sizes[0][1]} pixels with patches of {patch_size}",
        f"Use patches of at most {max(sizes[0]) // 2} pixels, give more images, or train "
        "without validation (validation_fraction=0).",
    )


def _whole(plane: int, size: tuple[int, int]) -> Region:
    return Region(plane, 0, 0, size[0], size[1], size[0] * size[1])


def _hold_out_planes(
    wholes: list[Region], number: int, seed: int
) -> tuple[list[Region], list[Region]]:
    order = np.random.default_rng([seed, 0]).permutation(len(wholes))
    held = set(order[:number].tolist())
    training = [region for region in wholes if region.plane not in held]
    return training, [region for region in wholes if region.plane in held]


def _hold_out_part(
    plane: int, size: tuple[int, int], patch_size: int, fraction: float
) -> tuple[list[Region], list[Region]]:
    height, width = size
    if height < width:
        on_its_side = _hold_out_part(plane, (width, height), patch_size, fraction)
        training, held_out = ([_transposed(one) for one in part] for part in on_its_side)
        return training, held_out
    if height < 2 * patch_size:
        return [_whole(plane, size)], []
    # the last `rows` rows, and of these only the last `columns` if a whole strip is too much
    rows = max(patch_size, round(fraction * height))
    rows = min(rows, height - patch_size)
    columns = min(width, max(patch_size, round(fraction * height * width / rows)))
    validation = Region(plane, height - rows, width - columns, rows, columns, rows * columns)
    above = Region(plane, 0, 0, height - rows, width, (height - rows) * width)
    beside = width - columns
    if beside < patch_size:
        return [above], [validation]
    # crops beside the held block may reach up into the rows above it
    top = max(0, height - rows - patch_size + 1)
    left = Region(plane, top, 0, height - top, beside, rows * beside)
    return [above, left], [validation]


def _transposed(region: Region) -> Region:
    return Region(region.plane, region.left, region.top, region.width, region.height, region.area)
