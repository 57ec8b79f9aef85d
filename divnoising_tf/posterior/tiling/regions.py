"""Parts of an image: crops that are asked for, and what a tile has of them."""

from typing import Any

from divnoising_tf.data.checks import check_count
from divnoising_tf.errors import InputError
from divnoising_tf.posterior.tiling.tiles import Region


def check_plane(number: int, planes: int) -> None:
    """Refuse the number of a plane that there is not in a stack of some planes."""
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


def shared_part(core: slice, part: slice) -> tuple[slice, slice]:
    """Return what a core shares with a part of the image, counted in the part and in the core."""
    first, stop = max(core.start, part.start), min(core.stop, part.stop)
    in_part = slice(first - part.start, stop - part.start)
    return in_part, slice(first - core.start, stop - core.start)
