"""When enough samples have been drawn for their mean."""

import logging
import math
from typing import Any

import numpy as np

from divnoising_tf.errors import InputError

# enough to begin with: the variance of a plane is an average over its pixels
_FIRST_DRAWS = 8
# a number of draws is not raised by rounding errors in the last digits
_ROUNDING = 1e-6
# a standard error that is this much above the tolerance is within it
_WITHIN = 1.001

_logger = logging.getLogger(__name__)


class StoppingRule:
    """Asks for draws until the standard error of their mean is within a tolerance.

    A draw is a sample, or the mean of an antithetic pair. The standard error, the draws'
    standard deviation divided by the square root of their number, is taken as its root mean
    square over the pixels and channels of a plane; every plane must be within the tolerance.

    Args:
        most: number of draws to stop at in any case.
        tolerance: in units of the samples' standard deviation, root mean square likewise.
        tolerance_counts: in counts. Neither: `most` draws are made.

    Raises:
        InputError: a tolerance cannot be used, or both are given.

    Example:
        >>> rule = StoppingRule(1000, tolerance_counts=0.5)
        >>> rule.first
        8
        >>> rule.wanted(8, of_draws=np.array([25.0]), of_samples=np.array([25.0]))
        100
    """

    def __init__(
        self,
        most: int,
        tolerance: float | None = None,
        tolerance_counts: float | None = None,
    ):
        if tolerance is not None and tolerance_counts is not None:
            raise InputError(
                "Two tolerances were given.",
                f"tolerance={tolerance}, tolerance_counts={tolerance_counts}",
                "Give one of the two.",
            )
        for value in (tolerance, tolerance_counts):
            _check_tolerance(value)
        self._most = most
        self._tolerance = tolerance
        self._counts = tolerance_counts

    @property
    def first(self) -> int:
        """How many draws to begin with."""
        unlimited = self._tolerance is None and self._counts is None
        return self._most if unlimited else min(_FIRST_DRAWS, self._most)

    def wanted(self, drawn: int, of_draws: np.ndarray, of_samples: np.ndarray) -> int:
        """Return how many draws there should be in all; `drawn` if they are enough.

        Args:
            drawn: how many there are.
            of_draws: variance of the draws in each plane, mean over its pixels, counts².
            of_samples: variance of the samples likewise.
        """
        needed = math.ceil(self._needed(of_draws, of_samples) * (1 - _ROUNDING))
        return min(max(drawn, needed), self._most)

    def excess(self, drawn: int, of_draws: np.ndarray, of_samples: np.ndarray) -> float:
        """Return the standard error as a multiple of the tolerance, for those of `wanted`."""
        return math.sqrt(self._needed(of_draws, of_samples) / drawn)

    def _needed(self, of_draws: np.ndarray, of_samples: np.ndarray) -> float:
        if self._counts is not None:
            return float(of_draws.max()) / self._counts**2
        if self._tolerance is not None:
            # where all samples are equal, so are all draws
            ratios = of_draws / np.where(of_samples > 0, of_samples, 1.0)
            return float(ratios.max()) / self._tolerance**2
        return 0.0


def plane_variances(
    drawn: int, squares: np.ndarray, within: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the variances of draws and of samples in each plane, means over its pixels, counts².

    Args:
        drawn: number of draws, at least 2.
        squares: sum of squared deviations of the draws, (plane, y, x, channel), counts².
        within: sum over antithetic pairs of their squared half differences, likewise; None
            without pairs.

    Returns:
        Two arrays (plane,), float64.
    """
    of_draws = squares.mean(axis=(1, 2, 3), dtype=np.float64) / (drawn - 1)
    if within is None:
        return of_draws, of_draws
    return of_draws, of_draws + within.mean(axis=(1, 2, 3), dtype=np.float64) / drawn


def warn_above_tolerance(excess: float, samples: int) -> None:
    """Say so if the standard error is this multiple of the tolerance after so many samples."""
    if excess > _WITHIN:
        _logger.warning(
            "The tolerance was not reached with %d samples: the standard error of the mean is "
            "%.3g times as large.",
            samples,
            excess,
        )


def _check_tolerance(value: Any) -> None:
    if value is None:
        return
    usable = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    if not usable or not np.isfinite(value) or value <= 0:
        raise InputError(
            "A tolerance must be a positive number.", repr(value), "For example tolerance=0.1."
        )
