"""Overlapping windows of an image, and how results in windows become one image again.

In the middle of a window its own result counts alone. Over the overlap the weight of one window
falls evenly while that of its neighbour rises, so there is no step at either edge.
"""

from typing import NamedTuple

import numpy as np


class Grid(NamedTuple):
    """Where the windows of an image lie.

    Attributes:
        height, width: of every window, pixels; that of the image where it is smaller.
        rows, columns: of the windows' upper and left edges. The last ends with the image and
            may overlap more.
        overlap: pixels that neighbours share.
    """

    height: int
    width: int
    rows: np.ndarray
    columns: np.ndarray
    overlap: int

    def weights(self) -> np.ndarray:
        """Return the weight of each pixel of a window, (height, width), from 0 to 1."""
        return np.outer(*(_ramp(side, self.overlap) for side in (self.height, self.width)))


def window_grid(size: tuple[int, int], side: int, overlap: int) -> Grid:
    """Cover an image with windows.

    Args:
        size: of the image, (y, x) in pixels.
        side: of the square windows, pixels.
        overlap: of neighbours, pixels, less than `side`.

    Returns:
        The windows.

    Example:
        >>> window_grid((8, 21), side=10, overlap=3)[2:4]
        (array([0]), array([ 0,  7, 11]))
    """
    rows, columns = (_starts(length, side, side - overlap) for length in size)
    return Grid(min(side, size[0]), min(side, size[1]), rows, columns, overlap)


def cut_windows(band: np.ndarray, columns: np.ndarray, width: int) -> np.ndarray:
    """Return the windows of a band of samples that is one window high, as points.

    Args:
        band: samples (n, height, x, channel).
        columns: left edges of the windows.
        width: of the windows.

    Returns:
        float64 (windows, n, height × width × channel).

    Example:
        >>> cut_windows(np.zeros((100, 10, 50, 1)), np.array([0, 7]), width=10).shape
        (2, 100, 100)
    """
    windows = np.stack([band[:, :, first : first + width] for first in columns])
    return windows.reshape(len(columns), len(band), -1).astype(np.float64)


class Blend:
    """An image that is put together from windows.

    Args:
        grid: the windows.
        size: of the image, (y, x) in pixels.
        channels: number of channels.

    Example:
        >>> grid = window_grid((4, 6), side=4, overlap=2)
        >>> blend = Blend(grid, (4, 6), channels=1)
        >>> blend.add(0, grid.columns, np.repeat([[3.0], [9.0]], 16, axis=1))
        >>> blend.image()[0, :, 0]
        array([3., 3., 5., 7., 9., 9.], dtype=float32)
    """

    def __init__(self, grid: Grid, size: tuple[int, int], channels: int):
        self._grid = grid
        self._weights = grid.weights()[..., np.newaxis]
        self._sums = np.zeros((*size, channels))
        self._total = np.zeros((*size, 1))

    def add(self, row: int, columns: np.ndarray, points: np.ndarray) -> None:
        """Add windows of one row.

        Args:
            row: upper edge.
            columns: left edges.
            points: (windows, height × width × channel), as `cut_windows` gives them.
        """
        height, width = self._grid.height, self._grid.width
        windows = points.reshape(len(columns), height, width, -1)
        for column, window in zip(columns, windows, strict=True):
            place = slice(row, row + height), slice(column, column + width)
            self._sums[place] += self._weights * window
            self._total[place] += self._weights

    def image(self) -> np.ndarray:
        """Return the weighted mean, float32 (y, x, channel), when all windows were added."""
        return (self._sums / self._total).astype(np.float32)


def _starts(length: int, side: int, step: int) -> np.ndarray:
    last = max(length - side, 0)
    return np.append(np.arange(0, last, step), last)


def _ramp(side: int, overlap: int) -> np.ndarray:
    """Weights along one axis; those of two neighbours add up to 1 over their overlap."""
    place = np.arange(side)
    to_edge = np.minimum(place, place[::-1]) + 1
    return np.minimum(to_edge, overlap + 1) / (overlap + 1)
