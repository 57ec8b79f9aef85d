"""An approximation of the posterior's mode (MAP): mean shift in overlapping windows.

A posterior of a whole image has far too many dimensions to find its mode from samples. In a
window of 10 × 10 pixels a hundred samples are enough to see where they crowd.
"""

from collections.abc import Callable, Iterator

import numpy as np

from divnoising_tf.data.checks import check_count
from divnoising_tf.errors import InputError
from divnoising_tf.posterior.mean_shift import shift_in_sets
from divnoising_tf.posterior.windows import Blend, Grid, cut_windows, window_grid

# each bandwidth is this part of the one before, as in the paper
FALL = 0.9
# first and last bandwidth in units of the spread of a window's samples, see `spread_bandwidths`
FIRST_SPREADS, LAST_SPREADS = 1.5, 0.75
# samples of a band of window rows that are in memory together: 1 GiB of float32
NUMBERS_IN_BAND = 2**28
# and no more pixels than this, which the decoder must bear at once
_PIXELS_IN_BAND = 2**20
# windows that are shifted together: 2 MiB of float64, which stays in a core's cache
_NUMBERS_IN_BLOCK = 2**18

# rows of the image: samples (n, rows, x, channel)
DrawRows = Callable[[slice], np.ndarray]


def check_mode_arguments(
    n: int, bandwidths: tuple[float, float] | None, window: int, overlap: int
) -> None:
    """Refuse what `mode_image` cannot work with; see `Posterior.mode`."""
    check_count(n, least=2)
    check_count(window)
    check_count(overlap, least=0)
    if overlap >= window:
        raise InputError(
            "The overlap must be smaller than the window.",
            f"window={window}, overlap={overlap}",
            "The defaults are 10 and 3.",
        )
    if bandwidths is None:
        return
    pair = np.asarray(bandwidths, np.float64)
    if pair.shape != (2,) or not np.all(np.isfinite(pair)) or not pair[0] >= pair[1] > 0:
        raise InputError(
            "Bandwidths are two positive numbers, the first not below the last.",
            repr(bandwidths),
            "Give counts, such as bandwidths=(200, 100), or leave them out.",
        )


def mode_image(
    draw: DrawRows,
    size: tuple[int, int],
    channels: int,
    n: int,
    bandwidths: tuple[float, float] | None = None,
    window: int = 10,
    overlap: int = 3,
    advance: Callable[[int], None] = lambda steps: None,
    numbers_at_once: int = NUMBERS_IN_BAND,
) -> np.ndarray:
    """Return the approximate mode of one plane.

    Args:
        draw: gives n samples of some rows of the image, (n, rows, x, channel), counts.
        size: of the image, (y, x) in pixels.
        channels: number of channels.
        n: number of samples.
        bandwidths: first and last, counts; None for multiples of each window's spread.
        window: side of the windows, pixels.
        overlap: of neighbouring windows, pixels.
        advance: is told how many rows of windows were done.
        numbers_at_once: how many values of samples memory bears at once, beside one row of
            windows; more than `NUMBERS_IN_BAND` are not drawn.

    Returns:
        float32 (y, x, channel), counts.

    Example:
        >>> samples = np.repeat([1.0, 1.0, 1.0, 9.0], 64).reshape(4, 8, 8, 1)
        >>> image = mode_image(lambda rows: samples[:, rows], (8, 8), channels=1, n=4)
        >>> float(image.min()), float(image.max())
        (1.0, 1.0)
    """
    grid = window_grid(size, window, overlap)
    blend = Blend(grid, size, channels)
    at_once = max(1, _NUMBERS_IN_BLOCK // (n * grid.height * grid.width * channels))
    numbers_at_once = min(numbers_at_once, NUMBERS_IN_BAND)
    for rows in _bands(grid, n * channels, size[1], numbers_at_once):
        samples = draw(slice(int(rows[0]), int(rows[-1]) + grid.height))
        for row in rows:
            band = samples[:, row - rows[0] : row - rows[0] + grid.height]
            for first in range(0, len(grid.columns), at_once):
                columns = grid.columns[first : first + at_once]
                points = cut_windows(band, columns, grid.width)
                blend.add(row, columns, mode_of_points(points, bandwidths))
            advance(1)
    return blend.image()


def rows_of_windows(size: tuple[int, int], window: int, overlap: int) -> int:
    """Return how often `mode_image` advances."""
    return len(window_grid(size, window, overlap).rows)


def mode_of_points(points: np.ndarray, bandwidths: tuple[float, float] | None = None) -> np.ndarray:
    """Return the mode that mean shift finds from the mean, for many sets of points.

    Args:
        points: (sets, points, coordinates).
        bandwidths: first and last, in units of the points; None for `spread_bandwidths`.

    Returns:
        float64 (sets, coordinates).

    Example:
        >>> mode_of_points(np.array([[[0.0], [1.0], [2.0], [9.0]]]), (6.0, 3.0))
        array([[1.]])
    """
    points = np.asarray(points, np.float64)
    seeds = points.mean(axis=1)
    if bandwidths is None:
        radii = spread_bandwidths(points)
    else:
        radii = np.tile(falling_bandwidths(*bandwidths), (len(points), 1))
    return shift_in_sets(points, seeds, radii).positions


def falling_bandwidths(first: float, last: float) -> np.ndarray:
    """Return the bandwidths from the first on, until one is not above the last.

    Example:
        >>> falling_bandwidths(200, 100).round().tolist()
        [200.0, 180.0, 162.0, 146.0, 131.0, 118.0, 106.0, 96.0]
    """
    values = [float(first)]
    while values[-1] > last:
        values.append(values[-1] * FALL)
    return np.array(values)


def spread_bandwidths(points: np.ndarray) -> np.ndarray:
    """Return bandwidths made for each set's own spread, (sets, bandwidths).

    The spread r is the root of the mean squared distance of the points from their mean. In a
    window of m pixels whose samples deviate by σ, r = √m · σ, and two samples are √2 · r apart,
    so no number of counts suits every image and every window. From 1.5 r more than half of the
    points (1 - 1 / 1.5²) are within reach of the mean, whatever their distribution: the climb
    begins with the crowd. It ends at half of that, the paper's ratio: two groups of about equal
    size, whose distance is 2 r, are told apart on the way.

    Args:
        points: (sets, points, coordinates).

    Returns:
        In falling order, in units of the points.

    Example:
        >>> spread_bandwidths(np.array([[[0.0], [2.0]]]))[0, :2]
        array([1.5 , 1.35])
    """
    spread = np.sqrt(np.var(points, axis=1).sum(axis=1))
    return spread[:, np.newaxis] * falling_bandwidths(FIRST_SPREADS, LAST_SPREADS)


def _bands(grid: Grid, numbers: int, width: int, at_once: int) -> Iterator[np.ndarray]:
    """Divide the rows of windows so that the samples of a band stay within bounds."""
    height = min(at_once // (numbers * width), _PIXELS_IN_BAND // width)
    rows = grid.rows
    while rows.size:
        fits = int(np.searchsorted(rows, rows[0] + height - grid.height, side="right"))
        band, rows = np.split(rows, [max(fits, 1)])
        yield band
