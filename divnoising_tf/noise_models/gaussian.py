"""Gaussian noise of one known strength."""

from typing import Any

import keras
import numpy as np

from divnoising_tf._tfp import distributions
from divnoising_tf.errors import InputError
from divnoising_tf.noise_models.base import NoiseModel


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

    @property
    def standard_deviation(self) -> float:
        """Standard deviation of the noise, counts."""
        return float(np.exp(np.float64(self._log_standard_deviation.numpy())))

    def distribution(self, signal: Any) -> Any:
        """Return Normal(signal, standard deviation)."""
        scale = keras.ops.exp(self._log_standard_deviation.value)
        return distributions().Normal(loc=signal, scale=scale)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments with the present standard deviation."""
        return {**super().get_config(), "standard_deviation": self.standard_deviation}

    def __repr__(self) -> str:
        value = self.standard_deviation
        return (
            f"GaussianNoiseModel(standard deviation {value:.6g} counts, {self._described_range()})"
        )
