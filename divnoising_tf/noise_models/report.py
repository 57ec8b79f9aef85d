"""Can this noise model be trusted? Its report on pairs of signal and observation."""

import dataclasses
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from divnoising_tf.errors import InputError
from divnoising_tf.noise_models import report_measures as measures
from divnoising_tf.noise_models.calibration import HOT, CalibrationPairs, pairs_from_images
from divnoising_tf.noise_models.histogram_fit import fitted_density
from divnoising_tf.noise_models.report_figure import report_figure
from divnoising_tf.noise_models.report_measures import DensitySlice, PixelNoise, SignalBins
from divnoising_tf.noise_models.report_verdict import RULE, Check, table, verdict_checks, worst

_LEAST_PIXELS = 1000
_MOST_PIXELS = 400_000
_PIT_BINS = 20


@dataclass(frozen=True)
class NoiseModelReport:
    """How well a noise model describes pairs of signal and observation.

    `print` shows the checks as a table, with the verdict, the rule behind it and advice;
    `figure` shows them as a picture.

    Attributes:
        model: text that describes the noise model.
        verdict: "good", "fair" or "bad".
        checks: what the verdict is made of.
        advice: what to do about the checks that are not good.
        pixels: number of pixels that were judged.
        log_likelihood: mean ln p(x|s), nats per pixel, of "model", "histogram" and "Gaussian";
            the latter two were fitted to other pixels.
        pit_histogram: density of the probability integral transform P(x <= observation | s) in
            20 equal bins from 0 to 1; 1 everywhere for a right model.
        pit_distance: its largest deviation from uniform, over all signals: by so much a
            quantile of the model may be off.
        bins: bias, standard deviation and quantiles by signal.
        signals_outside: share of signals outside the model's signal range.
        observations_outside: share of observations that the model holds for impossible: beyond
            its outermost 1e-5 on either side.
        neighbour_correlation: of the noise of adjacent pixels, None if no images were given.
        slices: measured and modelled densities at three signals.
        left_out: share of all pixels that were not judged, by reason, see `CalibrationPairs`.
    """

    model: str
    verdict: str
    checks: tuple[Check, ...]
    advice: tuple[str, ...]
    pixels: int
    log_likelihood: dict[str, float]
    pit_histogram: np.ndarray
    pit_distance: float
    bins: SignalBins
    signals_outside: float
    observations_outside: float
    neighbour_correlation: float | None
    slices: tuple[DensitySlice, ...]
    left_out: dict[str, float]

    def __str__(self) -> str:
        """Return the table of checks with verdict, rule and advice."""
        likelihoods = ", ".join(
            f"{name} {value:.3f}" for name, value in self.log_likelihood.items()
        )
        left_out = ", ".join(
            f"{100 * share:.2g} % {rule}" for rule, share in self.left_out.items() if share
        )
        lines = [
            self.model,
            f"Verdict: {self.verdict}",
            "",
            *table(self.checks),
            "",
            f"Log-likelihood, nats per pixel, of {self.pixels} held-out pixels: {likelihoods}.",
            *([f"Not judged: {left_out}."] if left_out else []),
            RULE,
            *(f"Advice: {advice}" for advice in self.advice),
        ]
        return "\n".join(lines)

    def figure(self) -> Any:
        """Return a Matplotlib figure: quantiles, standard deviation and densities."""
        return report_figure(
            self.model,
            self.verdict,
            self.pixels,
            self.pit_histogram,
            self.pit_distance,
            self.bins,
            self.slices,
        )


def report(
    model: PixelNoise,
    signal: Any,
    observation: Any = None,
    held_out: Any = None,
    seed: int = 0,
) -> NoiseModelReport:
    """Judge a noise model, see `NoiseModel.report`."""
    pairs = _pairs(signal, observation)
    if held_out is None:
        fitted, judged = _halves(pairs, seed)
        images = measures.as_images(signal, observation)
    else:
        both = (held_out, None) if isinstance(held_out, CalibrationPairs) else held_out
        fitted, judged = pairs, _pairs(*both)
        images = measures.as_images(*both)
    fitted, judged = _sized(fitted, seed), _sized(judged, seed)
    transformed = measures.probability_integral_transform(model, judged, seed)
    bins = measures.signal_bins(model, judged, transformed)
    own = np.asarray(model.log_prob(judged.observation, judged.signal), np.float64)
    likelihoods = {"model": own, **_references(fitted, judged)}
    found: dict[str, Any] = {
        "pixels": len(judged),
        "log_likelihood": {name: float(values.mean()) for name, values in likelihoods.items()},
        "pit_distance": measures.distance_from_uniform(transformed),
        "bins": bins,
        "signals_outside": measures.share_outside(judged.signal, model.signal_range),
        "observations_outside": measures.share_impossible(
            transformed, judged.left_out.get(HOT, 0.0)
        ),
        "neighbour_correlation": (
            None if images is None else measures.neighbour_correlation(model, *images)
        ),
    }
    checks = verdict_checks(likelihoods, **found)
    return NoiseModelReport(
        model=repr(model),
        verdict=worst(checks),
        checks=checks,
        advice=tuple(check.advice for check in checks if check.verdict != "good"),
        pit_histogram=np.histogram(transformed, _PIT_BINS, (0, 1), density=True)[0],
        slices=measures.density_slices(model, judged),
        left_out=judged.left_out,
        **found,
    )


def _pairs(signal: Any, observation: Any) -> CalibrationPairs:
    if isinstance(signal, CalibrationPairs):
        return signal
    with warnings.catch_warnings():
        # what is left out stands in the report
        warnings.simplefilter("ignore", UserWarning)
        # all signals, so that those outside the model's range are counted
        return pairs_from_images(signal, observation, percentiles=(0, 100))


def _chosen(pairs: CalibrationPairs, which: np.ndarray) -> CalibrationPairs:
    return dataclasses.replace(
        pairs, signal=pairs.signal[which], observation=pairs.observation[which]
    )


def _halves(pairs: CalibrationPairs, seed: int) -> tuple[CalibrationPairs, CalibrationPairs]:
    order = np.random.default_rng([seed, 0]).permutation(len(pairs))
    return _chosen(pairs, order[::2]), _chosen(pairs, order[1::2])


def _sized(pairs: CalibrationPairs, seed: int) -> CalibrationPairs:
    if len(pairs) < _LEAST_PIXELS:
        raise InputError(
            "There are too few pixels to judge a noise model.",
            f"{len(pairs)} usable pixels to fit the references to, or to judge on",
            f"Give at least {2 * _LEAST_PIXELS}, which are halved, or {_LEAST_PIXELS} each.",
        )
    if len(pairs) <= _MOST_PIXELS:
        return pairs
    random = np.random.default_rng([seed, 1])
    return _chosen(pairs, random.choice(len(pairs), _MOST_PIXELS, replace=False))


def _references(fitted: CalibrationPairs, judged: CalibrationPairs) -> dict[str, np.ndarray]:
    """Return ln p of judged pixels by what needs no assumption, and by what assumes most."""
    histogram = fitted_density(fitted).log_prob(judged.observation, judged.signal)
    residual = fitted.observation.astype(np.float64) - fitted.signal
    variance = np.mean(residual**2)
    distance = judged.observation.astype(np.float64) - judged.signal
    return {
        "histogram": np.asarray(histogram, np.float64),
        "Gaussian": -0.5 * (distance**2 / variance + np.log(2 * np.pi * variance)),
    }
