"""Lower resolutions of an image, for viewers: each pixel the mean of two by two."""

import itertools
from typing import Any

import numpy as np

from divnoising_tf.progress import progress


def largest_first(height: int, width: int, smallest: int) -> list[tuple[int, int]]:
    """Return the sizes of the lower resolutions, the last not larger than `smallest`.

    Example:
        >>> largest_first(1000, 2049, smallest=512)
        [(500, 1025), (250, 513), (125, 257)]
    """
    sizes = []
    while max(height, width) > smallest:
        height, width = (height + 1) // 2, (width + 1) // 2
        sizes.append((height, width))
    return sizes


def add_level(higher: Any, lower: Any) -> None:
    """Fill an array with the next lower resolution of another, chunk by chunk.

    Args:
        higher: array (..., y, x).
        lower: array (..., y, x), with y and x half as long, rounded up.
    """
    *stack, height, width = lower.shape
    *_, rows, columns = lower.chunks
    places = [range(length) for length in stack]
    corners = list(itertools.product(*places, range(0, height, rows), range(0, width, columns)))
    with progress(f"Resolution {height} × {width}", total=len(corners)) as advance:
        for *plane, row, column in corners:
            bottom, right = row + rows, column + columns
            source = (*plane, slice(2 * row, 2 * bottom), slice(2 * column, 2 * right))
            target = (*plane, slice(row, bottom), slice(column, right))
            lower[target] = halved(higher[source])
            advance(1)


def halved(image: np.ndarray) -> np.ndarray:
    """Return the means of two by two pixels; a last odd row or column counts for two.

    Args:
        image: (y, x).

    Returns:
        float32 (y / 2, x / 2), rounded up.

    Example:
        >>> halved(np.array([[1.0, 3.0, 5.0]]))
        array([[2., 5.]], dtype=float32)
    """
    height, width = image.shape
    even = np.pad(np.asarray(image, np.float32), ((0, height % 2), (0, width % 2)), mode="edge")
    blocks = even.reshape(even.shape[0] // 2, 2, even.shape[1] // 2, 2)
    return np.asarray(blocks.mean(axis=(1, 3)))
