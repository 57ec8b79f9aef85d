"""Can a model be trusted? A check that needs nothing but the noisy image."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from divnoising_tf.data.axes import Planes, to_planes
from divnoising_tf.errors import InputError
from divnoising_tf.evaluation.predictive_figure import predictive_figure
from divnoising_tf.evaluation.replicates import probabilities
from divnoising_tf.evaluation.statistics import (
    ONE_SIDED,
    STATISTICS,
    Measured,
    Statistic,
    measure,
    signal_bins,
)
from divnoising_tf.evaluation.streams import number_of_samples, streamed
from divnoising_tf.posterior.checks import check_image

_NOT_SEEN = (
    "This does not show that the samples are right: what the model cannot tell from noise, and "
    "what it invents below the noise, passes."
)


@dataclass(frozen=True)
class Finding:
    """One statistic of the residual, with what replicates have.

    Attributes:
        statistic: its name, and what it means if it is off.
        observed: mean over the samples, in units of the noise's standard deviation.
        expected: mean over the replicates, likewise.
        chance: standard deviation over the replicates: what is off by less than a few times
            this cannot be seen in this image.
        p_value: probability that any statistic of a right model is as far off.
    """

    statistic: Statistic
    observed: float
    expected: float
    chance: float
    p_value: float

    @property
    def meaning(self) -> str:
        """What it means that the observed value is higher, or lower, than expected."""
        if self.observed >= self.expected or not self.statistic.too_low:
            return self.statistic.too_high
        return self.statistic.too_low


@dataclass(frozen=True, eq=False)
class PredictiveCheck:
    """Whether noisy images that a model makes look like the observed one; `print` it.

    Attributes:
        p_value: probability that a right model deviates as much anywhere; `level` or less is a
            verdict against it.
        level: of the verdict.
        findings: one per statistic.
        samples: how many samples, each with one replicate.
        pixels: of the observation.
        residual: what was measured of the residuals of the observation, one per sample.
        replicates: of the replicates', likewise.
        signal: mean of each bin of brightness, counts.
    """

    p_value: float
    level: float
    findings: tuple[Finding, ...]
    samples: int
    pixels: int
    residual: tuple[Measured, ...]
    replicates: tuple[Measured, ...]
    signal: np.ndarray

    @property
    def consistent(self) -> bool:
        """Whether nothing speaks against the model."""
        return self.p_value > self.level

    @property
    def wrong(self) -> tuple[Finding, ...]:
        """The findings that speak against the model, the least explained by chance first."""
        off = [one for one in self.findings if one.p_value <= self.level]
        return tuple(sorted(off, key=_distance, reverse=True))

    @property
    def verdict(self) -> str:
        """The answer in words."""
        if self.consistent:
            return "The noisy image looks like those that the model expects."
        reasons = dict.fromkeys(one.meaning for one in self.wrong)
        return "The noisy image does not look like those that the model expects: " + "; ".join(
            reasons or ["no single measure says why, together they do"]
        )

    def __str__(self) -> str:
        """Return verdict and table as lines of text."""
        width = max(len(one.statistic.name) for one in self.findings)
        rows = [f"{'':{width}}  {'observed':>9}  {'expected':>9}  {'± chance':>9}  p-value"]
        rows += [
            f"{one.statistic.name:{width}}  {one.observed:9.4f}  {one.expected:9.4f}  "
            f"{one.chance:9.4f}  {one.p_value:7.3f}" + ("  off" if one in self.wrong else "")
            for one in self.findings
        ]
        return "\n".join(
            [
                self.verdict + "." * (not self.verdict.endswith(".")),
                "",
                *rows,
                "",
                f"{self.samples} samples and as many replicates, {self.pixels} pixels; p = "
                f"{self.p_value:.3f}, verdict at {self.level:g}. The residual is image less "
                "sample, in standard deviations of the noise.",
                "With many pixels a small difference is certain, and may not matter: see how far "
                "observed and expected are apart."
                * (not self.consistent)
                or _NOT_SEEN,
            ]
        )

    def figure(self) -> Any:
        """Return a Matplotlib figure: histogram, correlation and strength by brightness."""
        title = f"{self.verdict}  (p = {self.p_value:.3f})"
        return predictive_figure(
            title, self.consistent, self.residual, self.replicates, self.signal
        )


def predictive_check(
    samples: Iterable[np.ndarray],
    observation: np.ndarray | None = None,
    noise_model: Any = None,
    n: int | None = None,
    axes: str | None = None,
    level: float = 0.05,
    seed: int = 0,
) -> PredictiveCheck:
    """Draw noisy images from samples and noise model, and compare them with the observed one.

    Of each sample the residual is taken, observation less sample, and that of a replicate, a
    noisy image drawn from the sample. A right model makes both alike: in histogram, in
    correlation of neighbours, in strength by brightness. Thresholds are probabilities, from the
    replicates; see `replicates.probabilities`. One sample at a time is in memory.

    Args:
        samples: a `Posterior`, which also knows the observation and the noise model; or images
            of the observation's shape one after the other, such as a stack (n, *shape); counts.
        observation: the noisy image, counts; None for that of the posterior.
        noise_model: a `NoiseModel`; None for that of the posterior's model.
        n: number of samples, at least 2 / level - 1, as fewer cannot reach a verdict; None for
            all of a stack, 100 of a posterior.
        axes: of the observation, one letter per axis; None for the posterior's, or "YX", "SYX".
        level: chance of a verdict against a right model, at most.
        seed: of the replicates.

    Returns:
        The check: `print` it, look at its `figure()`.

    Raises:
        InputError: too few samples, shapes differ, values are not finite, something is missing.

    Example:
        >>> from divnoising_tf import GaussianNoiseModel
        >>> noise, rng = GaussianNoiseModel(5.0), np.random.default_rng(0)
        >>> signal = np.full((32, 32), 100.0)
        >>> check = predictive_check([signal] * 40, signal + rng.normal(0, 5, (32, 32)), noise)
        >>> check.verdict
        'The noisy image looks like those that the model expects.'
    """
    planes, noise_model = _observed(samples, observation, noise_model, axes)
    if not 0 < level < 1:
        raise InputError("The level must be a share between 0 and 1.", level, "For example 0.05.")
    number = number_of_samples(samples, n, least=math.ceil(2 / level - 1 - 1e-9))
    observed, replicated, signals = [], [], []
    stream = streamed(samples, number, planes.shape, "Comparing with replicates")
    for k, sample in enumerate(stream):
        signal = to_planes(sample.astype(np.float32), planes.axes).array
        bins = signal_bins(signal)
        replicate = np.asarray(noise_model.sample(signal, seed * number + k))
        mean, deviation = _moments(noise_model, signal)
        observed.append(measure((planes.array - mean) / deviation, bins))
        replicated.append(measure((replicate - mean) / deviation, bins))
        signals.append(np.bincount(bins, signal.ravel(), len(observed[0].strength_by_signal)))
        signals[-1] /= np.maximum(np.bincount(bins, minlength=len(signals[-1])), 1)
    values, expected = (np.stack([one.values for one in part]) for part in (observed, replicated))
    chances = probabilities(values, expected, ONE_SIDED)
    columns = zip(STATISTICS, values.T, expected.T, chances.each, strict=True)
    return PredictiveCheck(
        p_value=chances.overall,
        level=level,
        findings=tuple(
            Finding(name, float(x.mean()), float(y.mean()), float(y.std()), float(p))
            for name, x, y, p in columns
        ),
        samples=number,
        pixels=planes.array.size,
        residual=tuple(observed),
        replicates=tuple(replicated),
        signal=np.mean(signals, axis=0),
    )


def _observed(
    samples: Any, observation: Any, noise_model: Any, axes: str | None
) -> tuple[Planes, Any]:
    """Return the observation as planes, and the noise model."""
    if observation is None:
        observation, axes = getattr(samples, "image", None), getattr(samples, "axes", axes)
    if noise_model is None:
        noise_model = getattr(samples, "noise_model", None)
    if observation is None or noise_model is None:
        missing = "observation" if observation is None else "noise model"
        raise InputError(
            f"The {missing} is missing.",
            type(samples).__name__,
            "Only a Posterior knows it by itself: give it with the samples.",
        )
    axes = axes or getattr(samples, "axes", None)
    return to_planes(check_image(observation), axes), noise_model


def _moments(noise_model: Any, signal: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and standard deviation of the observation, counts, for each pixel."""
    mean = np.asarray(noise_model.mean(signal), np.float64)
    return mean, np.sqrt(np.asarray(noise_model.variance(signal), np.float64))


def _distance(finding: Finding) -> float:
    distance = abs(finding.observed - finding.expected)
    return distance / finding.chance if finding.chance else math.inf
