"""Mean shift with a flat kernel, as scikit-learn's MeanShift does it, for many centres at once.

One step moves a centre to the mean of all points within the bandwidth of it. It rests when a step
is shorter than a thousandth of the bandwidth. Everything is float64, and distances come from
|x|² - 2 x·c + |c|² of centred points, so that who is a neighbour does not depend on rounding.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

# scikit-learn's: a centre rests when it moves by less than this part of the bandwidth
RESTING = 1e-3
MAX_ITERATIONS = 300
# points of one set are looked at in parts of this many numbers, 32 MiB of float64
_NUMBERS_AT_ONCE = 4 * 2**20


class Centres(NamedTuple):
    """Where centres came to rest.

    Attributes:
        positions: float64 (centres, coordinates).
        support: how many points the position is the mean of, int (centres,); 0 for a centre
            that never had a point in reach, which stays where it began.
    """

    positions: np.ndarray
    support: np.ndarray


# for some centres (numbers, positions, squared bandwidths): sums and numbers of points in reach
_Neighbours = Callable[[np.ndarray, np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


def shift_in_sets(
    points: np.ndarray,
    seeds: np.ndarray,
    bandwidths: np.ndarray,
    max_iterations: int = MAX_ITERATIONS,
) -> Centres:
    """Move one centre in each of many sets of points, bandwidth after bandwidth.

    The result of one bandwidth is the seed of the next. A centre with no point in reach stays
    where it is; smaller bandwidths then change nothing.

    Args:
        points: (sets, points, coordinates).
        seeds: where the centres begin, (sets, coordinates).
        bandwidths: radii in falling order, (sets, bandwidths), in units of the points.
        max_iterations: for each bandwidth.

    Returns:
        One centre per set.

    Example:
        >>> points = np.array([[[0.0], [1.0], [2.0], [9.0]]])
        >>> shift_in_sets(points, points.mean(axis=1), np.array([[6.0, 3.0]])).positions
        array([[1.]])
    """
    points = np.asarray(points, np.float64)
    origins = points.mean(axis=1)
    points = points - origins[:, np.newaxis]
    norms = np.einsum("bnm,bnm->bn", points, points)
    kept = np.arange(len(points))

    def neighbours(
        numbers: np.ndarray, centres: np.ndarray, squares: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        nonlocal points, norms, kept
        if len(numbers) < len(kept):
            here = np.searchsorted(kept, numbers)
            points, norms, kept = points[here], norms[here], numbers
        sums, counts = _in_reach(
            points, norms, centres[:, np.newaxis], squares[:, np.newaxis, np.newaxis]
        )
        return sums[:, 0], counts[:, 0]

    moved = _climb(neighbours, seeds - origins, np.asarray(bandwidths), max_iterations)
    return Centres(moved.positions + origins, moved.support)


def shift_seeds(
    points: np.ndarray, seeds: np.ndarray, bandwidth: float, max_iterations: int = MAX_ITERATIONS
) -> Centres:
    """Move many centres in one set of points, which may be large.

    Args:
        points: (points, coordinates); only a part of them is ever copied.
        seeds: where the centres begin, (centres, coordinates).
        bandwidth: radius, in units of the points.
        max_iterations: steps after the first.

    Returns:
        One centre per seed.

    Example:
        >>> points = np.array([[0.0], [2.0], [9.0], [10.0], [11.0]])
        >>> centres = shift_seeds(points, np.array([[0.0], [9.5], [30.0]]), bandwidth=3.0)
        >>> centres.positions.ravel(), centres.support
        (array([ 1., 10., 30.]), array([2, 3, 0]))
    """
    origin = points.mean(axis=0, dtype=np.float64)
    at_once = max(1, _NUMBERS_AT_ONCE // points.shape[1])

    def neighbours(
        numbers: np.ndarray, centres: np.ndarray, squares: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        sums, counts = np.zeros(centres.shape), np.zeros(len(centres), np.int64)
        for first in range(0, len(points), at_once):
            part = points[first : first + at_once] - origin
            norms = np.einsum("nm,nm->n", part, part)
            some, number = _in_reach(part, norms, centres, squares[:, np.newaxis])
            sums += some
            counts += number
        return sums, counts

    bandwidths = np.full((len(seeds), 1), bandwidth, np.float64)
    moved = _climb(neighbours, seeds - origin, bandwidths, max_iterations)
    return Centres(moved.positions + origin, moved.support)


def merge_duplicates(centres: Centres, bandwidth: float) -> Centres:
    """Return the centres in falling order of support, without those near a better supported one.

    Equal support is ordered by position, larger first; centres without support are left out.

    Args:
        centres: from `shift_seeds`.
        bandwidth: centres within this radius of one that is kept are dropped.

    Returns:
        The centres that are left.

    Example:
        >>> centres = Centres(np.array([[0.0], [9.0], [1.0]]), np.array([3, 4, 5]))
        >>> merge_duplicates(centres, bandwidth=2.0)
        Centres(positions=array([[1.], [9.]]), support=array([5, 4]))
    """
    positions, support = centres
    keys = [*positions.T[::-1], support]
    order = np.lexsort(keys)[::-1]
    order = order[support[order] > 0]
    kept: list[int] = []
    for number in order:
        apart = np.linalg.norm(positions[kept] - positions[number], axis=1)
        if np.all(apart > bandwidth):
            kept.append(number)
    return Centres(positions[kept], support[kept])


def nearest(points: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """Return the number of the nearest position for every point.

    Args:
        points: (points, coordinates).
        positions: (positions, coordinates).

    Returns:
        Integers (points,).

    Example:
        >>> nearest(np.array([[0.0], [4.0], [9.0]]), np.array([[10.0], [1.0]]))
        array([1, 1, 0])
    """
    origin = positions.mean(axis=0)
    centred = positions - origin
    norms = np.einsum("km,km->k", centred, centred)
    at_once = max(1, _NUMBERS_AT_ONCE // points.shape[1])
    found = [
        np.argmin(norms - 2 * (points[first : first + at_once] - origin) @ centred.T, axis=1)
        for first in range(0, len(points), at_once)
    ]
    return np.concatenate(found)


def _climb(
    neighbours: _Neighbours, seeds: np.ndarray, bandwidths: np.ndarray, max_iterations: int
) -> Centres:
    """Move every centre until it rests at its last bandwidth, or has no point in reach."""
    positions = np.array(seeds, np.float64)
    support = np.zeros(len(positions), np.int64)
    level, iterations = np.zeros((2, len(positions)), np.int64)
    active = np.arange(len(positions))
    while active.size:
        before = positions[active]
        radii = bandwidths[active, level[active]]
        sums, counts = neighbours(active, before, radii**2)
        found = counts > 0
        after = np.where(found[:, np.newaxis], sums / np.maximum(counts, 1)[:, np.newaxis], before)
        positions[active] = after
        support[active] = np.where(found, counts, support[active])
        rests = np.linalg.norm(after - before, axis=1) <= RESTING * radii
        rests |= iterations[active] == max_iterations
        iterations[active] = np.where(rests, 0, iterations[active] + 1)
        level[active] += rests
        active = active[found & (level[active] < bandwidths.shape[1])]
    return Centres(positions, support)


def _in_reach(
    points: np.ndarray, norms: np.ndarray, centres: np.ndarray, squares: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Sums and numbers of the points within a radius of centres.

    Args:
        points: (..., points, coordinates).
        norms: their squared lengths, (..., points).
        centres: (..., centres, coordinates).
        squares: squared radii, (..., centres, 1).

    Returns:
        Sums (..., centres, coordinates) and numbers (..., centres).
    """
    squared = norms[..., np.newaxis, :] - 2 * centres @ np.swapaxes(points, -1, -2)
    squared += np.einsum("...sm,...sm->...s", centres, centres)[..., np.newaxis]
    inside = squared <= squares
    return inside.astype(np.float64) @ points, inside.sum(axis=-1)
