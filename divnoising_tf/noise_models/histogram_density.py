"""The density of histogram noise: linear between levels of the signal, flat within a bin."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from divnoising_tf.noise_models.tensors import float32, stateless_seed

_TAIL_MASS = 1e-6  # of observations beyond the bins, on both sides together


@dataclass(frozen=True, eq=False)
class HistogramDensity:
    """p(x|s) of a histogram, see `HistogramNoiseModel`.

    Attributes:
        signal_range: lowest and highest signal level, counts.
        observation_range: lower edge of the first and upper edge of the last bin, counts.
        log_masses: logarithms of the probability of each bin at each signal level, up to a
            constant of the level; float32 (levels, bins).

    Example:
        >>> density = HistogramDensity((0, 10), (-5, 15), tf.math.log([[3.0, 1.0], [1.0, 3.0]]))
        >>> float(density.moments(5.0)[0])
        5.0
    """

    signal_range: tuple[float, float]
    observation_range: tuple[float, float]
    log_masses: tf.Tensor

    @property
    def masses(self) -> tf.Tensor:
        """Probability of each bin at each signal level, float32 (levels, bins)."""
        return tf.nn.softmax(self.log_masses)

    @property
    def width(self) -> float:
        """Of a bin, counts."""
        return (self.observation_range[1] - self.observation_range[0]) / self._bins

    def log_prob(self, observation: Any, signal: Any) -> tf.Tensor:
        """Return ln p(observation | signal), per count; shapes broadcast."""
        observation, lower, share = self._located(observation, signal)
        place = self._place(observation)
        index = tf.cast(tf.clip_by_value(tf.floor(place), 0.0, self._bins - 1.0), tf.int32)
        density = (1 - _TAIL_MASS) * self.masses / self.width
        values = _mixed(density, lower, share, index)
        beyond = tf.nn.relu(-place) + tf.nn.relu(place - self._bins)
        tail = np.log(_TAIL_MASS / 2 / (self._tail_length * self.width))
        outside = tail - beyond / self._tail_length
        return tf.where(beyond > 0, outside, tf.math.log(values))

    def cdf(self, observation: Any, signal: Any) -> tf.Tensor:
        """Return P(x <= observation | signal), in [0, 1]; shapes broadcast, counts."""
        observation, lower, share = self._located(observation, signal)
        place = self._place(observation)
        inside = tf.clip_by_value(place, 0.0, float(self._bins))
        index = tf.cast(tf.minimum(tf.floor(inside), self._bins - 1.0), tf.int32)
        masses = self.masses
        below = _mixed(tf.cumsum(masses, axis=1, exclusive=True), lower, share, index)
        here = _mixed(masses, lower, share, index) * (inside - tf.cast(index, tf.float32))
        left = 0.5 * _TAIL_MASS * tf.exp(-tf.nn.relu(-place) / self._tail_length)
        right = (
            0.5 * _TAIL_MASS * -tf.math.expm1(-tf.nn.relu(place - self._bins) / self._tail_length)
        )
        return left + (1 - _TAIL_MASS) * tf.minimum(below + here, 1.0) + right

    def sample(self, signal: Any, seed: int) -> tf.Tensor:
        """Draw one noisy image, counts, by inverting the cumulated histogram; no tails."""
        signal = float32(signal)
        shift, lower, share = self._located(tf.zeros_like(signal), signal)
        shape = tf.concat([[2], tf.shape(signal)], 0)
        uniform = tf.random.stateless_uniform(shape, stateless_seed(seed), dtype=tf.float64)
        row = tf.where(uniform[0] < tf.cast(share, tf.float64), lower + 1, lower)
        masses = tf.nn.softmax(tf.cast(self.log_masses, tf.float64))
        cumulated = tf.cumsum(masses, axis=1) / tf.reduce_sum(masses, axis=1, keepdims=True)
        # rows joined to one rising sequence, so that one search serves all pixels
        rising = tf.reshape(cumulated + tf.range(self._levels, dtype=tf.float64)[:, None], [-1])
        sought = tf.reshape(uniform[1] + tf.cast(row, tf.float64), [-1])
        flat = tf.minimum(tf.searchsorted(rising, sought, side="right"), tf.size(rising) - 1)
        flat = tf.reshape(flat, tf.shape(signal))
        mass = tf.gather(tf.reshape(masses, [-1]), flat)
        over = tf.gather(rising, flat) - uniform[1] - tf.cast(row, tf.float64)
        bins = tf.cast(flat - row * self._bins, tf.float64) + 1 - over / mass
        drawn = self.observation_range[0] + self.width * tf.cast(bins, tf.float32)
        return drawn - shift

    def moments(self, signal: Any) -> tuple[tf.Tensor, tf.Tensor]:
        """Return mean, counts, and variance, counts squared, of the shape of `signal`."""
        signal = float32(signal)
        minus_beyond, lower, share = self._located(tf.zeros_like(signal), signal)
        masses = self.masses
        # measured from the middle, where float32 loses least
        middle = 0.5 * sum(self.observation_range)
        centres = (np.arange(self._bins) + 0.5 - 0.5 * self._bins).astype(np.float32)
        first = tf.linalg.matvec(masses, centres * np.float32(self.width))
        spread = tf.reduce_sum(
            masses * (centres * np.float32(self.width) - first[:, None]) ** 2, axis=1
        )
        low_mean, high_mean = tf.gather(first, lower), tf.gather(first, lower + 1)
        mean = low_mean + share * (high_mean - low_mean)
        variance = (1 - share) * tf.gather(spread, lower) + share * tf.gather(spread, lower + 1)
        variance += share * (1 - share) * (high_mean - low_mean) ** 2 + self.width**2 / 12
        return mean + middle - minus_beyond, variance

    @property
    def _levels(self) -> int:
        return int(self.log_masses.shape[0])

    @property
    def _bins(self) -> int:
        return int(self.log_masses.shape[1])

    @property
    def _tail_length(self) -> float:
        return 0.1 * self._bins

    def _place(self, observation: tf.Tensor) -> tf.Tensor:
        """Return where observations lie among the bins: 0 is the lower edge of the first."""
        return (observation - self.observation_range[0]) / self.width

    def _located(self, observation: Any, signal: Any) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """Return observations shifted into the signal range, lower level, share of the next."""
        signal = float32(signal)
        low, high = self.signal_range
        inside = tf.clip_by_value(signal, low, high)
        place = (inside - low) / (high - low) * (self._levels - 1)
        lower = tf.clip_by_value(tf.floor(tf.stop_gradient(place)), 0.0, self._levels - 2.0)
        shifted = float32(observation) - (signal - inside)
        share = place - lower
        lower = tf.broadcast_to(tf.cast(lower, tf.int32), tf.shape(shifted))
        return shifted, lower, tf.broadcast_to(share, tf.shape(shifted))


def _mixed(table: tf.Tensor, lower: tf.Tensor, share: tf.Tensor, index: tf.Tensor) -> tf.Tensor:
    """Return the table's entries at `index`, mixed between the rows `lower` and the next."""
    flat, columns = tf.reshape(table, [-1]), table.shape[1]
    at_lower = tf.gather(flat, lower * columns + index)
    at_next = tf.gather(flat, (lower + 1) * columns + index)
    return at_lower + share * (at_next - at_lower)
