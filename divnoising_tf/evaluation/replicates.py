"""Probabilities of what was measured, from replicates: noisy images of the model's own making."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Probabilities:
    """How likely it is that a right model shows as much; see `probabilities`.

    Attributes:
        overall: of the largest deviation of any statistic.
        each: of each statistic's, held against the largest of any of a replicate; (statistics,).
    """

    overall: float
    each: np.ndarray


def probabilities(
    observed: np.ndarray, replicated: np.ndarray, one_sided: np.ndarray
) -> Probabilities:
    """Return posterior predictive p-values, adjusted for there being several statistics.

    Sample k of the posterior gives two rows: the statistics of the observation, and those of a
    replicate, an image drawn from sample k and the noise model. If noise model and posterior are
    right, sample and observation are a draw of p(s) p(x|s), and so are sample and replicate
    (Gelman, Meng, Stern 1996; for a single sample the p-value is then exactly uniform: Johnson
    2007). Statistics are put on one scale, their mean and deviation over the replicates, a
    replicate's by the other replicates. The largest of them is compared with the largest of
    each replicate, which keeps the chance of any false alarm (Westfall, Young 1993).

    Samples of one observation give p-values that depend on each other. Twice their mean is a
    p-value all the same, whatever the dependence (Rüschendorf 1982; Meng 1994), and with
    n replicates it is 2 / (n + 1) or more.

    Args:
        observed: (samples, statistics).
        replicated: likewise.
        one_sided: for each statistic, whether only large values speak against the model.

    Returns:
        The probabilities, each from 2 / (samples + 1) to 1.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> replicated, two_sided = rng.normal(size=(99, 2)), np.zeros(2, bool)
        >>> far = probabilities(np.full((99, 2), [0.0, 9.0]), replicated, two_sided)
        >>> far.overall, far.each
        (0.02, array([1.  , 0.02]))
    """
    n = len(replicated)
    total, squares = replicated.sum(axis=0), np.square(replicated).sum(axis=0)
    largest = _distance(
        replicated,
        (total - replicated) / (n - 1),
        (squares - np.square(replicated)) / (n - 1),
        one_sided,
    ).max(axis=1)
    distance = _distance(observed, total / n, squares / n, one_sided)
    each = [_twice_mean(column, largest) for column in distance.T]
    return Probabilities(_twice_mean(distance.max(axis=1), largest), np.array(each))


def _distance(
    values: np.ndarray, mean: np.ndarray, mean_square: np.ndarray, one_sided: np.ndarray
) -> np.ndarray:
    deviation = np.sqrt(np.maximum(mean_square - mean**2, 0.0))
    # a statistic that is the same in all replicates: any difference is far
    scaled = (values - mean) / np.maximum(deviation, np.finfo(np.float64).tiny)
    return np.where(one_sided, scaled, np.abs(scaled))


def _twice_mean(distances: np.ndarray, largest: np.ndarray) -> float:
    ordered = np.sort(largest)
    beyond = len(ordered) - np.searchsorted(ordered, distances, side="left")
    # one division of whole numbers: 2 / 40 is 0.05, as a level of 0.05 is
    return min(1.0, 2 * int(np.sum(1 + beyond)) / (len(distances) * (len(ordered) + 1)))
