"""When enough samples have been drawn for their mean."""

import math
from typing import Any

import numpy as np

from divnoising_tf.errors import InputError
from divnoising_tf.posterior.checks import check_count

# enough to know the variance of a plane, which is an average over its pixels
_FIRST_SAMPLES = 16
# a number of samples is not raised by rounding errors in the last digits
_ROUNDING = 1e-6


class StoppingRule:
    """Asks for samples until the standard error of their mean is within a tolerance.

    The standard error, the samples' standard deviation divided by the square root of their
    number, is taken as its root mean square over the pixels and channels of a plane; every plane
    of a stack must be within the tolerance.

    Args:
        most: number of samples to stop at in any case, at least 2.
        tolerance: in units of the samples' standard deviation, root mean square likewise: 0.1
            is reached with 100 samples.
        tolerance_counts: in counts. Neither: `most` samples are drawn.

    Raises:
        InputError: a number cannot be used, both tolerances are given, or `most` samples can
            never be enough.

    Example:
        >>> rule = StoppingRule(1000, tolerance_counts=0.5)
        >>> rule.wanted(0, np.zeros((1, 8, 8, 1)))
        16
        >>> rule.wanted(16, np.full((1, 8, 8, 1), 15 * 5.0**2))
        100
    """

    def __init__(
        self,
        most: int,
        tolerance: float | None = None,
        tolerance_counts: float | None = None,
    ):
        check_count(most, least=2)
        if tolerance is not None and tolerance_counts is not None:
            raise InputError(
                "Two tolerances were given.",
                f"tolerance={tolerance}, tolerance_counts={tolerance_counts}",
                "Give one of the two.",
            )
        for value in (tolerance, tolerance_counts):
            _check_tolerance(value)
        self._most = most if tolerance is None else _relative(tolerance, most)
        self._counts = tolerance_counts

    def wanted(self, drawn: int, squares: np.ndarray) -> int:
        """Return how many samples there should be in all; `drawn` if they are enough.

        Args:
            drawn: how many there are: none, or at least 2.
            squares: sums of their squared deviations from their mean, (plane, y, x, channel),
                counts².
        """
        if self._counts is None:
            return self._most
        if drawn == 0:
            return min(_FIRST_SAMPLES, self._most)
        return min(
            max(drawn, _rounded((self._deviation(drawn, squares) / self._counts) ** 2)), self._most
        )

    def missed(self, drawn: int, squares: np.ndarray) -> float | None:
        """Return the standard error in counts if it is above the tolerance in counts."""
        error = self._deviation(drawn, squares) / math.sqrt(drawn)
        return (
            error if self._counts is not None and error > self._counts * (1 + _ROUNDING) else None
        )

    def _deviation(self, drawn: int, squares: np.ndarray) -> float:
        """Return the root mean square standard deviation of the plane where it is largest."""
        variances = squares.mean(axis=(1, 2, 3), dtype=np.float64) / (drawn - 1)
        return math.sqrt(variances.max())


def _relative(tolerance: float, most: int) -> int:
    """Return the samples that a tolerance in standard deviations takes, whatever the image."""
    needed = max(_rounded(tolerance**-2), 2)
    if needed > most:
        raise InputError(
            "This tolerance cannot be reached with so few samples.",
            f"tolerance={tolerance} with at most {most} samples",
            f"It takes {needed} samples; allow them, or give a larger tolerance.",
        )
    return needed


def _rounded(samples: float) -> int:
    return math.ceil(samples * (1 - _ROUNDING))


def _check_tolerance(value: Any) -> None:
    if value is None:
        return
    usable = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    if not usable or not np.isfinite(value) or value <= 0:
        raise InputError(
            "A tolerance must be a positive number.", repr(value), "For example tolerance=0.1."
        )
