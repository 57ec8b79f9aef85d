"""What is measured when a noise model is held against pairs of signal and observation."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from divnoising_tf.noise_models.calibration import CalibrationPairs

# deciles, and the brightest hundredth on its own: it is where images are interesting
_QUANTILES = (*np.arange(10) / 10, 0.99, 1.0)
_LEAST_PIXELS_IN_BIN = 200
# a model that gives an observation less than this holds it for impossible
_IMPOSSIBLE = 1e-5
_TRIMMED_SHARE = 0.001
_SLICE_SHARE = 0.02
_SLICE_SIGNALS = 200
_SLICE_BINS = 40


class PixelNoise(Protocol):
    """What is asked of a `NoiseModel` that is judged."""

    signal_range: tuple[float, float] | None

    def log_prob(self, observation: Any, signal: Any) -> Any:
        """Return ln p(observation | signal), per count."""
        ...

    def cdf(self, observation: Any, signal: Any) -> Any:
        """Return P(x <= observation | signal)."""
        ...

    def mean(self, signal: Any) -> Any:
        """Return the mean of the observation, counts."""
        ...

    def variance(self, signal: Any) -> Any:
        """Return the variance of the observation, counts squared."""
        ...


@dataclass(frozen=True)
class SignalBins:
    """The noise model against the pairs, bin by bin of the signal, from dark to bright.

    Attributes:
        signal: mean signal of each bin, counts, (bins,).
        pixels: in each bin, (bins,).
        bias: mean observation less the model's mean, counts, (bins,).
        measured: standard deviation of the observations around their mean, counts, (bins,).
        modelled: standard deviation by the model, counts, (bins,).
        pit_distance: largest deviation of the quantiles, see `NoiseModelReport`, (bins,).
        chance_of_deviation: share by which chance alone may change `measured`, 3 standard
            errors, (bins,).
    """

    signal: np.ndarray
    pixels: np.ndarray
    bias: np.ndarray
    measured: np.ndarray
    modelled: np.ndarray
    pit_distance: np.ndarray
    chance_of_deviation: np.ndarray


@dataclass(frozen=True)
class DensitySlice:
    """Measured and modelled density of the observations near one signal.

    Attributes:
        signal: counts.
        edges: of the histogram, counts, (bins + 1,).
        measured: density per count, (bins,).
        grid: observations, counts, (points,).
        modelled: density per count, (points,).
    """

    signal: float
    edges: np.ndarray
    measured: np.ndarray
    grid: np.ndarray
    modelled: np.ndarray


def probability_integral_transform(
    model: PixelNoise, pairs: CalibrationPairs, seed: int = 0
) -> np.ndarray:
    """Return P(x <= observation | signal), which is uniform in [0, 1] if the model is right.

    Whole numbers stand for all values that round to them: the smooth distribution of a right
    model would show steps, not a uniform one. So each observation is moved at random inside its
    grey level, half a count up or down, in units of probability (randomised transform,
    Czado, Gneiting and Held, Biometrics 2009).

    Args:
        model: the noise model.
        pairs: signals and observations, counts.
        seed: of the random places in the grey levels.

    Returns:
        float64 (n,).
    """
    if not pairs.step:
        return _cdf(model, pairs.observation, pairs.signal)
    lower = _cdf(model, pairs.observation - pairs.step / 2, pairs.signal)
    upper = _cdf(model, pairs.observation + pairs.step / 2, pairs.signal)
    return lower + np.random.default_rng(seed).uniform(size=len(pairs)) * (upper - lower)


def distance_from_uniform(transformed: np.ndarray) -> float:
    """Return the largest deviation of the empirical distribution from uniform (Kolmogorov).

    Example:
        >>> distance_from_uniform(np.array([0.1, 0.3, 0.5]))
        0.5
    """
    ordered = np.sort(transformed)
    steps = np.arange(len(ordered) + 1) / len(ordered)
    return float(max((steps[1:] - ordered).max(), (ordered - steps[:-1]).max()))


def signal_bins(model: PixelNoise, pairs: CalibrationPairs, transformed: np.ndarray) -> SignalBins:
    """Measure the model bin by bin: deciles of the signal, the brightest hundredth apart.

    The most extreme thousandth of the residuals of each bin does not enter bias and standard
    deviation, so that single hot pixels do not decide.
    """
    edges = np.unique(np.quantile(pairs.signal, _QUANTILES))
    index = np.clip(np.searchsorted(edges, pairs.signal, side="right") - 1, 0, len(edges) - 2)
    residual = pairs.observation - np.asarray(model.mean(pairs.signal), np.float64)
    variance = np.asarray(model.variance(pairs.signal), np.float64)
    rows = []
    for members in _merged(index):
        inside = members[_central(residual[members])]
        centred = residual[inside] - residual[inside].mean()
        measured = centred.std()
        kurtosis = np.mean(centred**4) / max(measured**4, np.finfo(float).tiny)
        rows.append(
            (
                pairs.signal[members].mean(),
                len(members),
                residual[inside].mean(),
                measured,
                np.sqrt(variance[members].mean()),
                distance_from_uniform(transformed[members]),
                3 * np.sqrt(max(kurtosis - 1, 0) / (4 * len(members))),
            )
        )
    return SignalBins(*np.array(rows).T)


def share_impossible(transformed: np.ndarray, hot: float = 0.0) -> float:
    """Return the share of observations beyond the outermost 1e-5 on either side.

    Args:
        transformed: the observations that are judged, (n,).
        hot: share of all observations that were left out before because no noise reaches them.
    """
    beyond = np.mean((transformed < _IMPOSSIBLE) | (transformed > 1 - _IMPOSSIBLE))
    return float(hot + (1 - hot) * beyond)


def share_outside(signal: np.ndarray, signal_range: tuple[float, float] | None) -> float:
    """Return the share of signals outside the range that the model was calibrated on."""
    if signal_range is None:
        return 0.0
    return float(np.mean((signal < signal_range[0]) | (signal > signal_range[1])))


def neighbour_correlation(model: PixelNoise, signal: np.ndarray, observation: np.ndarray) -> float:
    """Return the correlation of the noise with that of the next pixel, in x or y, the stronger.

    Args:
        model: the noise model, whose mean and standard deviation make the noise comparable.
        signal: images (..., y, x), counts.
        observation: images (..., y, x), counts.

    Returns:
        Between -1 and 1; 0 if the images are too small to tell.
    """
    noise = observation - np.asarray(model.mean(signal), np.float64)
    noise /= np.sqrt(np.asarray(model.variance(signal), np.float64))
    # a hot pixel must not hide the correlation of the others
    noise = np.clip(noise - np.median(noise), *np.quantile(noise, (0.001, 0.999)))
    pairs = (noise[..., 1:], noise[..., :-1]), (noise[..., 1:, :], noise[..., :-1, :])
    found = [_correlation(one.ravel(), other.ravel()) for one, other in pairs]
    return max(found, key=abs)


def density_slices(model: PixelNoise, pairs: CalibrationPairs) -> tuple[DensitySlice, ...]:
    """Return measured and modelled densities at a dark, a middle and a bright signal."""
    order = np.argsort(pairs.signal, kind="stable")
    half = max(1, round(_SLICE_SHARE / 2 * len(order)))
    slices = []
    for quantile in (0.1, 0.5, 0.9):
        middle = int(quantile * (len(order) - 1))
        members = order[max(0, middle - half) : middle + half]
        slices.append(_slice(model, pairs.signal[members], pairs.observation[members], pairs.step))
    return tuple(slices)


def _cdf(model: PixelNoise, observation: np.ndarray, signal: np.ndarray) -> np.ndarray:
    return np.clip(np.asarray(model.cdf(observation, signal), np.float64), 0, 1)


def _merged(index: np.ndarray) -> list[np.ndarray]:
    """Return the members of each bin; bins of few pixels go with the one before."""
    bins: list[np.ndarray] = []
    for number in range(index.max() + 1):
        members = np.flatnonzero(index == number)
        if bins and min(len(members), len(bins[-1])) < _LEAST_PIXELS_IN_BIN:
            bins[-1] = np.concatenate([bins[-1], members])
        elif len(members):
            bins.append(members)
    return bins


def _central(residual: np.ndarray) -> np.ndarray:
    """Return which residuals are not the most extreme thousandth."""
    distance = np.abs(residual - np.median(residual))
    return distance <= np.quantile(distance, 1 - _TRIMMED_SHARE)


def _correlation(one: np.ndarray, other: np.ndarray) -> float:
    if one.size < 2 or one.std() == 0 or other.std() == 0:
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])


def _slice(
    model: PixelNoise, signal: np.ndarray, observation: np.ndarray, step: float
) -> DensitySlice:
    some = signal[:: max(1, len(signal) // _SLICE_SIGNALS)]
    mean, deviation = (
        float(np.mean(values)) for values in (model.mean(some), np.sqrt(model.variance(some)))
    )
    low, high = np.quantile(observation, (0.001, 0.999))
    low, high = min(low, mean - 3.5 * deviation), max(high, mean + 3.5 * deviation)
    width = (high - low) / _SLICE_BINS
    if step:
        # bins of whole grey levels, between which nothing lies
        width = step * max(1, round(width / step))
        low = step * (np.floor(low / step) - 0.5)
    edges = low + width * np.arange(int(np.ceil((high - low) / width)) + 1)
    grid = np.linspace(edges[0], edges[-1], 5 * _SLICE_BINS)
    log_density = np.asarray(model.log_prob(grid[:, np.newaxis], some[np.newaxis]), np.float64)
    counts = np.histogram(observation, edges)[0]
    return DensitySlice(
        signal=float(signal.mean()),
        edges=edges,
        measured=counts / (len(observation) * width),
        grid=grid,
        modelled=np.exp(log_density).mean(axis=1),
    )


def as_images(signal: Any, observation: Any) -> tuple[np.ndarray, np.ndarray] | None:
    """Return signal and observation as images of one shape, or None if they are not images."""
    if isinstance(signal, CalibrationPairs):
        return None
    signal, observation = np.asarray(signal), np.asarray(observation)
    if signal.ndim == 3 and signal.shape[1:] == observation.shape[1:]:
        signal = np.repeat(signal, len(observation) // len(signal), axis=0)
    elif signal.ndim == 3 and observation.ndim == 4:
        signal = signal[:, np.newaxis]
    if observation.ndim < 2:
        return None
    return np.broadcast_to(signal, observation.shape), observation
