"""Maximum likelihood on binned pairs: millions of pixels cost as much as thousands."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from divnoising_tf.noise_models.calibration import CalibrationPairs

_SIGNAL_BINS = 128
# a bin of an eighth of the noise's standard deviation changes a variance by 0.13 %
_BINS_PER_STANDARD_DEVIATION = 8
_REACH = 12  # standard deviations; what lies beyond shares the outermost bins
_PIXELS_FOR_A_VARIANCE = 30
_ITERATIONS = 300
# how far a weight may go from its start: components that run away to mend the mean of pairs
# whose signal is biased would ruin the variance
_FREEDOM = 6.0


@dataclass(frozen=True)
class BinnedPairs:
    """Cells of similar signal and noise, counts.

    Attributes:
        signal: mean signal of each cell, float32 (n,).
        observation: signal plus the cell's mean noise, float32 (n,).
        weight: share of the pairs in each cell, float32 (n,).
        levels: mean signal of each level, float64 (m,).
        variances: variance of the noise at each level, counts squared, float64 (m,).
        pixels: pairs of each level, (m,).
    """

    signal: np.ndarray
    observation: np.ndarray
    weight: np.ndarray
    levels: np.ndarray
    variances: np.ndarray
    pixels: np.ndarray
    signal_range: tuple[float, float]

    @property
    def smallest_variance(self) -> float:
        """Smallest variance of the noise over the signal levels, counts squared."""
        return float(self.variances[self.variances > 0].min())

    def variance_polynomial(self, n_coefficients: int) -> np.ndarray:
        """Return coefficients, none negative, of the variance as a polynomial of t, (C,).

        t is the signal from 0 to 1 over the signal range; weighted least squares.
        """
        low, high = self.signal_range
        return _variance_polynomial(
            (self.levels - low) / (high - low), self.variances, self.pixels, n_coefficients
        )

    def variance_line(self) -> tuple[float, float]:
        """Return slope (counts) and intercept (counts squared) of variance against signal."""
        precision = np.sqrt(self.pixels) / np.maximum(
            self.variances, np.median(self.variances) / 10
        )
        slope, intercept = np.polyfit(self.levels, self.variances, 1, w=precision)
        return max(float(slope), 0.0), float(intercept)


def bin_pairs(pairs: CalibrationPairs) -> BinnedPairs:
    """Gather pairs in cells, finely enough that the likelihood is that of the pairs."""
    low, high = pairs.signal_range
    place = (pairs.signal.astype(np.float64) - low) / (high - low)
    level = np.minimum((place * _SIGNAL_BINS).astype(np.int64), _SIGNAL_BINS - 1)
    noise = pairs.observation.astype(np.float64) - pairs.signal
    count, mean_noise = _means(level, noise, _SIGNAL_BINS)
    _, mean_square = _means(level, noise**2, _SIGNAL_BINS)
    _, mean_place = _means(level, place, _SIGNAL_BINS)
    variance = mean_square - mean_noise**2
    enough = count >= min(_PIXELS_FOR_A_VARIANCE, count.max())
    enough &= variance > 0
    polynomial = _variance_polynomial(mean_place[enough], variance[enough], count[enough], 2)
    deviation = np.sqrt(polynomial[0] + polynomial[1] * place)
    reach = _REACH * _BINS_PER_STANDARD_DEVIATION
    bins = np.rint(noise / deviation * _BINS_PER_STANDARD_DEVIATION)
    bins = np.clip(bins, -reach, reach).astype(np.int64) + reach
    cell = level * (2 * reach + 1) + bins
    cells = _SIGNAL_BINS * (2 * reach + 1)
    cell_count, cell_place = _means(cell, place, cells)
    _, cell_noise = _means(cell, noise, cells)
    full = cell_count > 0
    signal = low + cell_place[full] * (high - low)
    return BinnedPairs(
        signal=signal.astype(np.float32),
        observation=(signal + cell_noise[full]).astype(np.float32),
        weight=(cell_count[full] / len(noise)).astype(np.float32),
        levels=low + mean_place[enough] * (high - low),
        variances=variance[enough],
        pixels=count[enough],
        signal_range=(low, high),
    )


def maximise_likelihood(model: Any, binned: BinnedPairs) -> float:
    """Set the weights of a noise model to those of the highest likelihood, by L-BFGS.

    Args:
        model: a `NoiseModel` with weights; all of them are fitted, trainable or not.
        binned: the data.

    Returns:
        The mean log-likelihood of a pair, nats.
    """
    from scipy.optimize import minimize

    weights = model.weights
    shapes = [tuple(weight.shape) for weight in weights]
    splits = np.cumsum([int(np.prod(shape)) for shape in shapes])[:-1]
    signal, observation = tf.constant(binned.signal), tf.constant(binned.observation)
    share = tf.constant(binned.weight)

    @tf.function
    def loss_and_gradient() -> tuple[tf.Tensor, list[tf.Tensor]]:
        variables = [weight.value for weight in weights]
        with tf.GradientTape() as tape:
            tape.watch(variables)
            loss = -tf.reduce_sum(share * model.log_prob(observation, signal))
        return loss, tape.gradient(loss, variables)

    def assign(values: np.ndarray) -> None:
        for weight, part, shape in zip(weights, np.split(values, splits), shapes, strict=True):
            weight.assign(part.reshape(shape).astype(np.float32))

    def objective(values: np.ndarray) -> tuple[float, np.ndarray]:
        assign(values)
        loss, gradients = loss_and_gradient()
        flat = np.concatenate([gradient.numpy().ravel() for gradient in gradients])
        return float(loss), flat.astype(np.float64)

    start = np.concatenate([weight.numpy().ravel() for weight in weights]).astype(np.float64)
    bounds = list(zip(start - _FREEDOM, start + _FREEDOM, strict=True))
    options = {"maxiter": _ITERATIONS, "ftol": 1e-8, "gtol": 1e-5}
    result = minimize(objective, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    assign(result.x)
    return -float(result.fun)


def _means(group: np.ndarray, values: np.ndarray, groups: int) -> tuple[np.ndarray, np.ndarray]:
    """Return count and mean of the values of each group; the mean of nothing is 0."""
    count = np.bincount(group, minlength=groups)
    total = np.bincount(group, weights=values, minlength=groups)
    return count, total / np.maximum(count, 1)


def _variance_polynomial(
    places: np.ndarray, variances: np.ndarray, pixels: np.ndarray, n_coefficients: int
) -> np.ndarray:
    """Return non-negative coefficients (C,); the error of a variance grows with itself."""
    from scipy.optimize import nnls

    precision = np.sqrt(pixels) / np.maximum(variances, np.median(variances) / 10)
    powers = places[:, np.newaxis] ** np.arange(n_coefficients)
    coefficients, _ = nnls(powers * precision[:, np.newaxis], variances * precision)
    if not coefficients[0] > 0:
        # no noise at the darkest level is a matter of the fit, and its logarithm is needed
        coefficients[0] = variances.min()
    return coefficients
