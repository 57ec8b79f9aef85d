"""Values that say nothing of the noise: saturated, dead, and hot pixels and cosmic rays."""

from typing import NamedTuple

import numpy as np

_NEIGHBOURS = 4  # grey levels next to the extreme
_FACTOR = 4.0  # a pile holds this many times what its neighbours would make one expect
_LEAST_SHARE = 2e-5
_LEAST_PIXELS = 10
_SIGNAL_LEVELS = 100
_SPOILED_SHARE = 0.02
_REACH = 30.0  # standard deviations of the noise at a signal, beyond which no noise reaches
_TRIMMED_SHARE = 0.01  # of the pixels, the farthest off, that do not say how strong the noise is
_MOST_SPREAD = 7.5  # medians of the distances: 5 standard deviations of a Gaussian
_PIXELS_LOOKED_AT = 1_000_000


class OutlierWarning(UserWarning):
    """Some pixels are out of what signal and noise explain."""


class Outliers(NamedTuple):
    """Pixels out of what signal and noise explain.

    Attributes:
        number: how many.
        pixels: of how many.
        lowest: of them, counts.
        highest: of them, counts.
    """

    number: int
    pixels: int
    lowest: float
    highest: float

    def __str__(self) -> str:
        """Return number and values in words."""
        values = f"{self.lowest:g}"
        if self.highest > self.lowest:
            values += f" to {self.highest:g}"
        return f"{self.number} of {self.pixels} pixels ({values} counts)"


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


def hot_pixels(signal: np.ndarray, observation: np.ndarray) -> np.ndarray:
    """Find observations that are so far from their signal that it cannot be noise.

    Args:
        signal: counts, (n,), may be a guess.
        observation: counts, (n,).

    Returns:
        Bool mask (n,): more than 30 of the noise's standard deviations off, measured at signals
        alike, without the 1 % that are farthest off.
    """
    some = slice(None, None, max(1, signal.size // _PIXELS_LOOKED_AT) | 1)
    few_signals = signal[some]
    edges = np.unique(np.quantile(few_signals, np.linspace(0, 1, _SIGNAL_LEVELS + 1)))[1:-1]
    level = np.searchsorted(edges, few_signals, side="right")
    few = np.abs(observation[some] - few_signals.astype(np.float64))
    spread = np.zeros(len(edges) + 1)
    for number in np.unique(level):
        spread[number] = _spread(few[level == number])
    # where nearly all are equal nothing can be said
    reach = np.where(spread > 0, _REACH * spread, np.inf)
    distance = np.abs(np.subtract(observation, signal, dtype=np.float64))
    if not distance.max() > reach.min():
        return np.zeros(signal.shape, bool)
    return distance > reach[np.searchsorted(edges, signal, side="right")]


def _spread(distance: np.ndarray) -> float:
    """Return the standard deviation of noise from its distances to the signal, robustly."""
    near = distance[distance <= np.quantile(distance, 1 - _TRIMMED_SHARE)]
    spread = float(np.sqrt(np.mean(near**2)))
    typical = float(np.median(distance))
    # more hot pixels than were trimmed lie at the same signal
    return min(spread, _MOST_SPREAD * typical) if typical > 0 else spread


def _is_pile(counts: np.ndarray, size: int) -> bool:
    """Judge the first of `counts`, of distinct values from the extreme inwards."""
    pile, inner = int(counts[0]), counts[1 : 1 + _NEIGHBOURS].astype(float)
    if pile < max(_LEAST_PIXELS, _LEAST_SHARE * size) or len(inner) < 2:
        return False
    expected = max(inner.max(), inner[0] ** 2 / inner[1])
    return bool(pile > _FACTOR * expected)
