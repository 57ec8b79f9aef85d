"""Is the uncertainty right? Samples held against the truth, pixel by pixel."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from divnoising_tf.data.checks import check_count
from divnoising_tf.errors import InputError
from divnoising_tf.evaluation.calibration_figure import calibration_figure
from divnoising_tf.evaluation.ranks import RunningRanks
from divnoising_tf.evaluation.streams import number_of_samples, streamed
from divnoising_tf.posterior.running_moments import RunningMoments

_LEVELS = np.arange(1, 100) / 100
_SHOWN_LEVELS = (0.5, 0.8, 0.95)
_RANK_BINS = 20


@dataclass(frozen=True, eq=False)
class Calibration:
    """How well the spread of samples foretells where the truth is; `print` it.

    Attributes:
        samples: how many samples there were.
        pixels: how many pixels.
        levels: of central intervals of the samples, 0.01 to 0.99.
        coverage: share of pixels whose truth is in the interval of each level. Below the level
            the samples are too sure, above it not sure enough.
        predicted: error that the samples foretell for their mean, in bins of equally many
            pixels from the surest to the least sure; counts. In each, the root mean square of
            √(1 + 1/samples) times their standard deviation, as a mean of few samples errs more.
        error: what it is, root mean square of mean less truth; counts.
        bias: mean of mean less truth, counts; likewise.
        rank_histogram: density of the truth's place among the samples, 0 to 1 in 20 bins; 1
            everywhere is right, ∪ too sure, ∩ not sure enough, a slope is a bias.
    """

    samples: int
    pixels: int
    levels: np.ndarray
    coverage: np.ndarray
    predicted: np.ndarray
    error: np.ndarray
    bias: np.ndarray
    rank_histogram: np.ndarray

    @property
    def expected_calibration_error(self) -> float:
        """Mean of |coverage - level| over the levels; 0 is right, 0.5 the worst."""
        return float(np.abs(self.coverage - self.levels).mean())

    @property
    def deviation_error(self) -> float:
        """Mean over the bins of |error - predicted|, counts: how far off the deviation is."""
        return float(np.abs(self.error - self.predicted).mean())

    @property
    def error_ratio(self) -> float:
        """Error over predicted error, over all pixels; 1 is right, 2 means twice as wrong."""
        predicted = np.sqrt(np.mean(self.predicted**2))
        return float(np.sqrt(np.mean(self.error**2)) / predicted) if predicted else float("inf")

    def coverage_of(self, level: float) -> float:
        """Return the coverage of a level, such as 0.95; in between, by a straight line."""
        if not 0 <= level <= 1:
            raise InputError("A level is a share from 0 to 1.", level, "For example 0.95.")
        levels = np.concatenate([[0.0], self.levels, [1.0]])
        return float(np.interp(level, levels, np.concatenate([[0.0], self.coverage, [1.0]])))

    def __str__(self) -> str:
        """Return the figures as lines of text."""
        shown = ", ".join(
            f"{100 * self.coverage_of(level):.1f} % in the central {100 * level:.0f} %"
            for level in _SHOWN_LEVELS
        )
        return "\n".join(
            [
                f"Calibration of {self.samples} samples on {self.pixels} pixels",
                f"Truth within the samples' intervals: {shown}.",
                f"Expected calibration error: {self.expected_calibration_error:.3f}.",
                f"Error of the mean: {self.error_ratio:.2f} times what the samples foretell; "
                f"by uncertainty, {self.deviation_error:.3g} counts off on average.",
            ]
        )

    def figure(self) -> Any:
        """Return a Matplotlib figure: coverage, reliability curve and ranks."""
        return calibration_figure(
            f"{self.samples} samples, {self.pixels} pixels: expected calibration error "
            f"{self.expected_calibration_error:.3f}, error of the mean "
            f"{self.error_ratio:.2f} × predicted",
            self.levels,
            self.coverage,
            self.predicted,
            self.error,
            self.bias,
            self.rank_histogram,
        )


def calibration(
    samples: Iterable[np.ndarray], truth: np.ndarray, n: int | None = None, bins: int = 15
) -> Calibration:
    """Hold samples of a posterior against the truth, pixel by pixel.

    Samples are looked at one by one: memory does not grow with their number. Each pixel is
    asked by itself. That pixels of a sample go together is not judged, and as errors of
    neighbours go together too, the figures of one image vary more than its number of pixels
    suggests.

    Args:
        samples: a `Posterior`, or images of the truth's shape one after the other, such as a
            stack (n, *shape); counts.
        truth: the clean image or stack, in the units of the samples. A truth that was
            normalised on its own says nothing about coverage.
        n: number of samples, at least 2; None for all of a stack, 100 of a posterior.
        bins: of equally many pixels, for the reliability curve.

    Returns:
        The calibration: `print` it, look at its `figure()`.

    Raises:
        InputError: shapes differ, values are not finite, too few samples or pixels.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> truth = rng.normal(100, 5, (99, 99))  # and all that is known of it
        >>> right = calibration(rng.normal(100, 5, (50, 99, 99)), truth)
        >>> too_sure = calibration(rng.normal(100, 2.5, (50, 99, 99)), truth)
        >>> right.coverage_of(0.95), too_sure.coverage_of(0.95)
        (0.9, 0.7)
    """
    truth = _checked_truth(truth)
    check_count(bins)
    if truth.size < bins:
        raise InputError(
            "There are fewer pixels than bins.", f"{truth.size} pixels, {bins} bins", "Take fewer."
        )
    number = number_of_samples(samples, n, least=2)
    ranks, moments = RunningRanks(truth), RunningMoments()
    for sample in streamed(samples, number, truth.shape, "Comparing with the truth"):
        ranks.add(sample)
        moments.add(sample[np.newaxis])
    error = (moments.mean - truth).ravel()
    deviation = moments.standard_deviation.ravel().astype(np.float64)
    predicted = deviation * np.sqrt(1 + 1 / number)
    parts = np.array_split(np.argsort(deviation, kind="stable"), bins)
    edges = np.linspace(0, 1, _RANK_BINS + 1)
    return Calibration(
        samples=number,
        pixels=truth.size,
        levels=_LEVELS,
        coverage=ranks.distribution(0.5 + _LEVELS / 2) - ranks.distribution(0.5 - _LEVELS / 2),
        predicted=np.array([_root_mean_square(predicted[part]) for part in parts]),
        error=np.array([_root_mean_square(error[part]) for part in parts]),
        bias=np.array([error[part].mean() for part in parts]),
        rank_histogram=np.diff(ranks.distribution(edges)) * _RANK_BINS,
    )


def _checked_truth(truth: Any) -> np.ndarray:
    truth = np.asarray(truth)
    if truth.dtype.kind not in "uif" or truth.size == 0 or not np.isfinite(truth).all():
        raise InputError(
            "The truth must hold finite real numbers.",
            f"dtype {truth.dtype}, shape {truth.shape}",
            "Give the clean image in counts; crop what is not valid.",
        )
    return truth.astype(np.float64)


def _root_mean_square(values: np.ndarray) -> float:
    return float(np.sqrt(np.mean(values**2)))
