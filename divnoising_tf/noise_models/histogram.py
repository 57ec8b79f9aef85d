"""Histogram noise: the measured distribution itself, at levels of the signal."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from divnoising_tf.errors import InputError
from divnoising_tf.noise_models.base import NoiseModel, _checked_range
from divnoising_tf.noise_models.calibration import calibration_pairs, pairs_from_repeats
from divnoising_tf.noise_models.histogram_density import HistogramDensity
from divnoising_tf.noise_models.histogram_fit import histogram_masses


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
        self._levels_range = _checked_range(signal_range)
        self.observation_range = _checked_range(observation_range)
        values = _checked_masses(masses)
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
        return self._density.masses.numpy()

    def log_prob(self, observation: Any, signal: Any) -> tf.Tensor:
        """Return ln p(observation | signal), per count; shapes broadcast."""
        return self._density.log_prob(observation, signal)

    def cdf(self, observation: Any, signal: Any) -> tf.Tensor:
        """Return P(x <= observation | signal), in [0, 1]; shapes broadcast, counts."""
        return self._density.cdf(observation, signal)

    def sample(self, signal: Any, seed: int) -> tf.Tensor:
        """Draw one noisy image, counts, by inverting the cumulated histogram; no tails."""
        return self._density.sample(signal, seed)

    def mean(self, signal: Any) -> tf.Tensor:
        """Return the mean of the observation, counts, of the shape of `signal`."""
        return self._density.moments(signal)[0]

    def variance(self, signal: Any) -> tf.Tensor:
        """Return the variance of the observation, counts squared, of the shape of `signal`."""
        return self._density.moments(signal)[1]

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments with the present masses."""
        return {
            **super().get_config(),
            "observation_range": self.observation_range,
            "masses": self.masses.tolist(),
        }

    def __repr__(self) -> str:
        levels, bins = self._log_masses.shape
        return (
            f"HistogramNoiseModel({levels} signal levels, {bins} bins of "
            f"{self._density.width:.4g} counts, {self._described_range()})"
        )

    @property
    def _density(self) -> HistogramDensity:
        """The density of the present masses, which training may change."""
        return HistogramDensity(self._levels_range, self.observation_range, self._log_masses.value)


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
