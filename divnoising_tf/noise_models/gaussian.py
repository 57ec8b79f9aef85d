"""Gaussian noise of one known strength."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from divnoising_tf.errors import InputError
from divnoising_tf.noise_models.base import NoiseModel
from divnoising_tf.noise_models.calibration import calibration_pairs, pairs_from_repeats
from divnoising_tf.noise_models.image_noise import noise_levels
from divnoising_tf.noise_models.tensors import float32
from divnoising_tf.noise_models.tfp import distributions


@keras.saving.register_keras_serializable("divnoising_tf")
class GaussianNoiseModel(NoiseModel):
    """Observation = signal + Gaussian noise of the same standard deviation everywhere.

    Args:
        standard_deviation: of the noise, counts, positive.
        signal_range: see `NoiseModel`.
        trainable: see `NoiseModel`; the standard deviation is then learned.

    Raises:
        InputError: the standard deviation is not positive and finite.

    Example:
        >>> noise = GaussianNoiseModel(standard_deviation=2.0)
        >>> noise
        GaussianNoiseModel(standard deviation 2 counts, any signal)
        >>> float(noise.log_prob(observation=100.0, signal=100.0))
        -1.612
    """

    def __init__(
        self,
        standard_deviation: float,
        signal_range: tuple[float, float] | None = None,
        trainable: bool = False,
        **kwargs: Any,
    ):
        super().__init__(signal_range=signal_range, trainable=trainable, **kwargs)
        if not (np.isfinite(standard_deviation) and standard_deviation > 0):
            raise InputError(
                "The standard deviation of the noise must be positive and finite.",
                standard_deviation,
                "Give it in counts, in the units of the image.",
            )
        # learned as a logarithm, so that it stays positive
        self._log_standard_deviation = self.add_weight(
            name="log_standard_deviation",
            shape=(),
            initializer=keras.initializers.Constant(float(np.log(standard_deviation))),
            autocast=False,
        )
        self.built = True

    @classmethod
    def fit(cls, signal: Any, observation: Any = None, **kwargs: Any) -> "GaussianNoiseModel":
        """Measure the standard deviation of the observations around their signal.

        Args:
            signal: `CalibrationPairs`, or clean images, see `pairs_from_images`; counts.
            observation: noisy images, counts; None with `CalibrationPairs`.
            **kwargs: for the constructor.

        Returns:
            The fitted noise model.

        Raises:
            InputError: the images cannot calibrate a noise model; see `pairs_from_images`.
        """
        pairs = calibration_pairs(signal, observation, n_parameters=1)
        noise = pairs.observation.astype(np.float64) - pairs.signal
        deviation = float(np.sqrt(np.mean(noise**2)))
        return cls(
            **{"standard_deviation": deviation, "signal_range": pairs.signal_range, **kwargs}
        )

    @classmethod
    def fit_repeats(cls, shots: Any, **kwargs: Any) -> "GaussianNoiseModel":
        """Fit to repeated shots of a static sample, array (n, y, x), counts.

        Keyword arguments are those of `fit`; see `pairs_from_repeats`.
        """
        return cls.fit(pairs_from_repeats(shots), **kwargs)

    @classmethod
    def from_image(cls, noisy: Any, **kwargs: Any) -> "GaussianNoiseModel":
        """Estimate the standard deviation from noisy images alone; see `noise_levels`.

        Args:
            noisy: image (y, x) or stack (n, y, x), counts.
            **kwargs: for the constructor; `trainable=True` for co-learning.

        Returns:
            The noise model.

        Raises:
            InputError: constant images, NaN or infinity, or too few pixels.
        """
        levels = noise_levels(noisy)
        deviation = float(np.sqrt(np.median(levels.variances)))
        return cls(
            **{"standard_deviation": deviation, "signal_range": levels.signal_range, **kwargs}
        )

    @property
    def standard_deviation(self) -> float:
        """Standard deviation of the noise, counts."""
        return float(np.exp(np.float64(self._log_standard_deviation.numpy())))

    def distribution(self, signal: Any) -> Any:
        """Return Normal(signal, standard deviation)."""
        scale = keras.ops.exp(self._log_standard_deviation.value)
        return distributions().Normal(loc=signal, scale=scale)

    def log_prob(self, observation: Any, signal: Any) -> tf.Tensor:
        """Return ln p(observation | signal), per count; shapes broadcast.

        Of the difference: TFP divides both by the standard deviation first, which costs digits
        where the signal is many thousand times the noise.
        """
        difference = float32(observation) - float32(signal)
        return self.distribution(0.0).log_prob(difference)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments with the present standard deviation."""
        return {**super().get_config(), "standard_deviation": self.standard_deviation}

    def __repr__(self) -> str:
        value = self.standard_deviation
        return (
            f"GaussianNoiseModel(standard deviation {value:.6g} counts, {self._described_range()})"
        )
