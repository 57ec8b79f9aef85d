"""Saturated and dead values: piles at the ends of the range of what a camera can say."""

import numpy as np

_NEIGHBOURS = 4  # grey levels next to the extreme
_FACTOR = 4.0  # a pile holds this many times what its neighbours would make one expect
_LEAST_SHARE = 2e-5
_LEAST_PIXELS = 10
_SIGNAL_LEVELS = 100
_SPOILED_SHARE = 0.02


def extreme_piles(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find values that pile up at the highest and the lowest value present.

    A pile holds over 4 times what its neighbours in the histogram make one expect: the most
    that one of the next 4 values holds, or what they extrapolate to, whichever is more; so the
    zeros of a photon-counting image of few photons are no pile.

    Args:
        values: observations, counts, (n,).

    Returns:
        Two bool masks (n,): saturated, dead.
    """
    distinct, counts = np.unique(values, return_counts=True)
    saturated = _is_pile(counts[::-1], values.size)
    dead = _is_pile(counts, values.size)
    nothing = np.zeros(values.shape, bool)
    return (
        values == distinct[-1] if saturated else nothing,
        values == distinct[0] if dead else nothing,
    )


def spoiled_signals(signal: np.ndarray, unusable: np.ndarray, at_top: bool) -> np.ndarray:
    """Find the end of the signal range where so much is cut off that the rest is biased.

    Args:
        signal: counts, (n,).
        unusable: observations that are saturated (or dead), (n,).
        at_top: whether to look from the highest signal down, or from the lowest up.

    Returns:
        Bool mask (n,): signals beyond the first level, seen from that end, at which less than
        2 % more observations are unusable than at a typical one.
    """
    if not unusable.any():
        return np.zeros(signal.shape, bool)
    edges = np.unique(np.quantile(signal, np.linspace(0, 1, _SIGNAL_LEVELS + 1)))
    level = np.clip(np.searchsorted(edges, signal, side="right") - 1, 0, max(len(edges) - 2, 0))
    pixels = np.bincount(level, minlength=1)
    share = np.bincount(level, weights=unusable) / np.maximum(pixels, 1)
    # pixels that are stuck at any signal are spread evenly, and bias nothing once left out
    spoiled = share > 2 * np.median(share) + _SPOILED_SHARE
    if at_top:
        first = len(spoiled) - np.argmin(spoiled[::-1])
        return (level >= first) if not spoiled.all() else np.ones(signal.shape, bool)
    last = np.argmin(spoiled)
    return (level < last) if not spoiled.all() else np.ones(signal.shape, bool)


def _is_pile(counts: np.ndarray, size: int) -> bool:
    """Judge the first of `counts`, of distinct values from the extreme inwards."""
    pile, inner = int(counts[0]), counts[1 : 1 + _NEIGHBOURS].astype(float)
    if pile < max(_LEAST_PIXELS, _LEAST_SHARE * size) or len(inner) < 2:
        return False
    expected = max(inner.max(), inner[0] ** 2 / inner[1])
    return bool(pile > _FACTOR * expected)
