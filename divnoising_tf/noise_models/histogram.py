"""Histogram noise: the measured distribution itself, at levels of the signal."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from divnoising_tf.errors import InputError
from divnoising_tf.noise_models.base import NoiseModel, _checked_range, _float32, _stateless_seed
from divnoising_tf.noise_models.calibration import calibration_pairs, pairs_from_repeats
from divnoising_tf.noise_models.histogram_fit import histogram_masses

_TAIL_MASS = 1e-6  # of observations beyond the bins, on both sides together


@keras.saving.register_keras_serializable("divnoising_tf")
class HistogramNoiseModel(NoiseModel):
    """Observation = what was measured: a histogram of observations for each signal level.

    Krull, Vicar, Prakash, Lalit, Jug: Probabilistic Noise2Void, Frontiers in Computer Science
    2020. The density is constant within a bin of observations, and between two signal levels it
    is their linear mixture, so it has a gradient with respect to the signal and integrates to
    1. A millionth of the probability lies beyond the bins, in exponential tails. Outside the
    signal range the distribution at its end is shifted along with the signal.

    It takes any shape of noise but many pixels: the reference that smooth models are held
    against. For training, a `GaussianMixtureNoiseModel` fitted to the same pairs is smoother.

    Args:
        signal_range: lowest and highest signal level, counts.
        observation_range: lower edge of the first and upper edge of the last bin, counts.
        masses: probability of each bin at each signal level, (levels, bins), levels evenly
            spaced; at least 2 levels, all values positive; rows are normalised to 1.
        trainable: see `NoiseModel`; the logarithms of the masses are then learned.

    Raises:
        InputError: the masses are no probabilities, or a range is none.

    Example:
        >>> noise = HistogramNoiseModel((0, 10), (-5, 15), masses=[[3, 1], [1, 3]])
        >>> noise
        HistogramNoiseModel(2 signal levels, 2 bins of 10 counts, signal 0 to 10 counts)
        >>> float(noise.mean(0.0)), float(noise.mean(5.0))
        (2.5, 5.0)
    """

    def __init__(
        self,
        signal_range: tuple[float, float],
        observation_range: tuple[float, float],
        masses: Any,
        trainable: bool = False,
        **kwargs: Any,
    ):
        super().__init__(signal_range=signal_range, trainable=trainable, **kwargs)
        self._low, self._high = _checked_range(signal_range)
        self.observation_range = _checked_range(observation_range)
        values = _checked_masses(masses)
        self._levels, self._bins = values.shape
        self._width = (self.observation_range[1] - self.observation_range[0]) / self._bins
        self._log_masses = self.add_weight(
            name="log_masses", shape=values.shape, initializer="zeros", autocast=False
        )
        self._log_masses.assign(np.log(values / values.sum(1, keepdims=True)))
        self.built = True

    @classmethod
    def fit(
        cls,
        signal: Any,
        observation: Any = None,
        n_levels: int = 256,
        n_bins: int = 256,
        **kwargs: Any,
    ) -> "HistogramNoiseModel":
        """Count observations per signal level, and smooth where pixels are few.

        Args:
            signal: `CalibrationPairs`, or clean images, see `pairs_from_images`; counts.
            observation: noisy images, counts; None with `CalibrationPairs`.
            n_levels: signal levels at most; fewer if the noise is wide or pixels are few.
            n_bins: bins of observations at most; a bin is not narrower than a grey level.
            **kwargs: for the constructor.

        Returns:
            The fitted noise model.

        Raises:
            InputError: the images cannot calibrate a noise model; see `pairs_from_images`.
        """
        if n_levels < 2 or n_bins < 2:
            raise InputError(
                "A histogram needs at least two signal levels and two bins.",
                f"n_levels={n_levels}, n_bins={n_bins}",
                "The defaults are 256 and 256.",
            )
        pairs = calibration_pairs(signal, observation, n_parameters=20)
        masses, observation_range = histogram_masses(pairs, n_levels, n_bins)
        return cls(pairs.signal_range, observation_range, masses, **kwargs)

    @classmethod
    def fit_repeats(cls, shots: Any, **kwargs: Any) -> "HistogramNoiseModel":
        """Fit to repeated shots of a static sample, array (n, y, x), counts.

        Keyword arguments are those of `fit`; see `pairs_from_repeats`.
        """
        return cls.fit(pairs_from_repeats(shots), **kwargs)

    @property
    def masses(self) -> np.ndarray:
        """Probability of each bin at each signal level, float32 (levels, bins)."""
        return tf.nn.softmax(self._log_masses.value).numpy()

    def log_prob(self, observation: Any, signal: Any) -> tf.Tensor:
        """Return ln p(observation | signal), per count; shapes broadcast."""
        observation, lower, share = self._located(observation, signal)
        place = self._place(observation)
        index = tf.cast(tf.clip_by_value(tf.floor(place), 0.0, self._bins - 1.0), tf.int32)
        density = (1 - _TAIL_MASS) * tf.nn.softmax(self._log_masses.value) / self._width
        values = _mixed(density, lower, share, index)
        beyond = tf.nn.relu(-place) + tf.nn.relu(place - self._bins)
        tail = np.log(_TAIL_MASS / 2 / (self._tail_length * self._width))
        outside = tail - beyond / self._tail_length
        return tf.where(beyond > 0, outside, tf.math.log(values))

    def cdf(self, observation: Any, signal: Any) -> tf.Tensor:
        """Return P(x <= observation | signal), in [0, 1]; shapes broadcast, counts."""
        observation, lower, share = self._located(observation, signal)
        place = self._place(observation)
        inside = tf.clip_by_value(place, 0.0, float(self._bins))
        index = tf.cast(tf.minimum(tf.floor(inside), self._bins - 1.0), tf.int32)
        masses = tf.nn.softmax(self._log_masses.value)
        below = _mixed(tf.cumsum(masses, axis=1, exclusive=True), lower, share, index)
        here = _mixed(masses, lower, share, index) * (inside - tf.cast(index, tf.float32))
        left = 0.5 * _TAIL_MASS * tf.exp(-tf.nn.relu(-place) / self._tail_length)
        right = (
            0.5 * _TAIL_MASS * -tf.math.expm1(-tf.nn.relu(place - self._bins) / self._tail_length)
        )
        return left + (1 - _TAIL_MASS) * tf.minimum(below + here, 1.0) + right

    def sample(self, signal: Any, seed: int) -> tf.Tensor:
        """Draw one noisy image, counts, by inverting the cumulated histogram; no tails."""
        signal = _float32(signal)
        shift, lower, share = self._located(tf.zeros_like(signal), signal)
        shape = tf.concat([[2], tf.shape(signal)], 0)
        uniform = tf.random.stateless_uniform(shape, _stateless_seed(seed), dtype=tf.float64)
        row = tf.where(uniform[0] < tf.cast(share, tf.float64), lower + 1, lower)
        masses = tf.nn.softmax(tf.cast(self._log_masses.value, tf.float64))
        cumulated = tf.cumsum(masses, axis=1) / tf.reduce_sum(masses, axis=1, keepdims=True)
        # rows joined to one rising sequence, so that one search serves all pixels
        rising = tf.reshape(cumulated + tf.range(self._levels, dtype=tf.float64)[:, None], [-1])
        sought = tf.reshape(uniform[1] + tf.cast(row, tf.float64), [-1])
        flat = tf.minimum(tf.searchsorted(rising, sought, side="right"), tf.size(rising) - 1)
        flat = tf.reshape(flat, tf.shape(signal))
        mass = tf.gather(tf.reshape(masses, [-1]), flat)
        over = tf.gather(rising, flat) - uniform[1] - tf.cast(row, tf.float64)
        bins = tf.cast(flat - row * self._bins, tf.float64) + 1 - over / mass
        drawn = self.observation_range[0] + self._width * tf.cast(bins, tf.float32)
        return drawn - shift

    def mean(self, signal: Any) -> tf.Tensor:
        """Return the mean of the observation, counts, of the shape of `signal`."""
        return self._moments(signal)[0]

    def variance(self, signal: Any) -> tf.Tensor:
        """Return the variance of the observation, counts squared, of the shape of `signal`."""
        return self._moments(signal)[1]

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments with the present masses."""
        return {
            **super().get_config(),
            "observation_range": self.observation_range,
            "masses": self.masses.tolist(),
        }

    def __repr__(self) -> str:
        return (
            f"HistogramNoiseModel({self._levels} signal levels, {self._bins} bins of "
            f"{self._width:.4g} counts, {self._described_range()})"
        )

    @property
    def _tail_length(self) -> float:
        return 0.1 * self._bins

    def _place(self, observation: tf.Tensor) -> tf.Tensor:
        """Return where observations lie among the bins: 0 is the lower edge of the first."""
        return (observation - self.observation_range[0]) / self._width

    def _located(self, observation: Any, signal: Any) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """Return observations shifted into the signal range, lower level, share of the next."""
        signal = _float32(signal)
        inside = tf.clip_by_value(signal, self._low, self._high)
        place = (inside - self._low) / (self._high - self._low) * (self._levels - 1)
        lower = tf.clip_by_value(tf.floor(tf.stop_gradient(place)), 0.0, self._levels - 2.0)
        shifted = _float32(observation) - (signal - inside)
        share = place - lower
        lower = tf.broadcast_to(tf.cast(lower, tf.int32), tf.shape(shifted))
        return shifted, lower, tf.broadcast_to(share, tf.shape(shifted))

    def _moments(self, signal: Any) -> tuple[tf.Tensor, tf.Tensor]:
        signal = _float32(signal)
        minus_beyond, lower, share = self._located(tf.zeros_like(signal), signal)
        masses = tf.nn.softmax(self._log_masses.value)
        # measured from the middle, where float32 loses least
        middle = 0.5 * sum(self.observation_range)
        centres = (np.arange(self._bins) + 0.5 - 0.5 * self._bins).astype(np.float32)
        first = tf.linalg.matvec(masses, centres * np.float32(self._width))
        spread = tf.reduce_sum(
            masses * (centres * np.float32(self._width) - first[:, None]) ** 2, axis=1
        )
        low_mean, high_mean = tf.gather(first, lower), tf.gather(first, lower + 1)
        mean = low_mean + share * (high_mean - low_mean)
        variance = (1 - share) * tf.gather(spread, lower) + share * tf.gather(spread, lower + 1)
        variance += share * (1 - share) * (high_mean - low_mean) ** 2 + self._width**2 / 12
        return mean + middle - minus_beyond, variance


def _mixed(table: tf.Tensor, lower: tf.Tensor, share: tf.Tensor, index: tf.Tensor) -> tf.Tensor:
    """Return the table's entries at `index`, mixed between the rows `lower` and the next."""
    flat, columns = tf.reshape(table, [-1]), table.shape[1]
    at_lower = tf.gather(flat, lower * columns + index)
    at_next = tf.gather(flat, (lower + 1) * columns + index)
    return at_lower + share * (at_next - at_lower)


def _checked_masses(masses: Any) -> np.ndarray:
    values = np.asarray(masses, np.float64)
    if values.ndim != 2 or min(values.shape) < 2 or not np.isfinite(values).all():
        problem = f"shape {values.shape}"
    elif not (values > 0).all():
        problem = f"smallest value {values.min():g}"
    else:
        return values
    raise InputError(
        "The masses of a histogram must be positive probabilities.",
        problem,
        "Give an array (levels, bins) of at least 2 x 2 positive values.",
    )
