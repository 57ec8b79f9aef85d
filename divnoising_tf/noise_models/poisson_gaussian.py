"""Poisson–Gaussian noise: photons that are counted, and an amplifier that adds its own noise."""

from typing import Any, Literal

import keras
import numpy as np
import tensorflow as tf

from divnoising_tf.errors import InputError
from divnoising_tf.noise_models.base import NoiseModel
from divnoising_tf.noise_models.calibration import calibration_pairs, pairs_from_repeats
from divnoising_tf.noise_models.image_noise import noise_levels
from divnoising_tf.noise_models.likelihood import bin_pairs, maximise_likelihood
from divnoising_tf.noise_models.tensors import float32, stateless_seed
from divnoising_tf.noise_models.tfp import distributions

# lower bound of the read noise variance, in squared gains: without any, x would be discrete
_LEAST_READ_NOISE = 1e-3
# above so many photons the sum over them and the Gaussian differ by less than float32 shows
_MANY_PHOTONS = 400.0
_REACH = 6.0  # standard deviations of the photon number that the sum covers


@keras.saving.register_keras_serializable("divnoising_tf")
class PoissonGaussianNoiseModel(NoiseModel):
    """Observation = gain · Poisson((signal - offset) / gain) + Gaussian read noise.

    The mean is the signal, the variance gain · (signal - offset) + read noise variance; where the
    signal is below the offset, there are no photons and the variance is the read noise's.

    Args:
        gain: counts per photon, positive.
        offset: of the camera, counts; the signal where there is no light. Never learned: from
            variances it cannot be told from read noise.
        read_noise_variance: counts squared. At least 0.001 gain^2 is used.
        density: "normal" takes a Gaussian of this variance, which is close from about 20
            photons on; "exact" sums over photon numbers, which takes up to 250 times as long.
        signal_range: see `NoiseModel`.
        trainable: see `NoiseModel`; gain and read noise variance are then learned.

    Raises:
        InputError: a parameter has no meaning.

    Example:
        >>> noise = PoissonGaussianNoiseModel(gain=2.0, offset=100.0, read_noise_variance=9.0)
        >>> noise
        PoissonGaussianNoiseModel(gain 2 counts per photon, offset 100 counts, read noise variance
                                  9 counts², normal density, any signal)
        >>> noise.variance([100.0, 200.0]).numpy()
        array([  9., 209.], dtype=float32)
    """

    def __init__(
        self,
        gain: float,
        offset: float = 0.0,
        read_noise_variance: float = 0.0,
        density: Literal["normal", "exact"] = "normal",
        signal_range: tuple[float, float] | None = None,
        trainable: bool = False,
        **kwargs: Any,
    ):
        super().__init__(signal_range=signal_range, trainable=trainable, **kwargs)
        _check_parameters(gain, offset, read_noise_variance, density)
        self.offset = float(offset)
        self.density = density
        read_noise_variance = max(read_noise_variance, _LEAST_READ_NOISE * gain**2)
        # learned as logarithms, so that they stay positive
        self._log_gain = self._add_logarithm("log_gain", gain)
        self._log_read_noise = self._add_logarithm("log_read_noise", read_noise_variance)
        self.built = True

    @classmethod
    def fit(
        cls, signal: Any, observation: Any = None, offset: float | None = None, **kwargs: Any
    ) -> "PoissonGaussianNoiseModel":
        """Fit gain and read noise variance by maximum likelihood.

        Args:
            signal: `CalibrationPairs`, or clean images, see `pairs_from_images`; counts.
            observation: noisy images, counts; None with `CalibrationPairs`.
            offset: of the camera, counts: measure it with the shutter closed. None takes 0, or
                the signal at which the variance vanishes if that is above 0.
            **kwargs: for the constructor.

        Returns:
            The fitted noise model.

        Raises:
            InputError: the images cannot calibrate a noise model; see `pairs_from_images`.
        """
        pairs = calibration_pairs(signal, observation, n_parameters=2)
        binned = bin_pairs(pairs)
        parameters = _from_line(*binned.variance_line(), offset)
        # the normal density has the mean and variance of the exact one, and takes seconds
        model = cls(**parameters)
        maximise_likelihood(model, binned)
        fitted = {
            "gain": model.gain,
            "offset": model.offset,
            "read_noise_variance": model.read_noise_variance,
            "signal_range": pairs.signal_range,
        }
        return cls(**{**fitted, **kwargs})

    @classmethod
    def fit_repeats(cls, shots: Any, **kwargs: Any) -> "PoissonGaussianNoiseModel":
        """Fit to repeated shots of a static sample, array (n, y, x), counts.

        Keyword arguments are those of `fit`; see `pairs_from_repeats`.
        """
        return cls.fit(pairs_from_repeats(shots), **kwargs)

    @classmethod
    def from_image(
        cls, noisy: Any, offset: float | None = None, **kwargs: Any
    ) -> "PoissonGaussianNoiseModel":
        """Estimate gain and read noise variance from noisy images alone.

        An estimate to start from, with `trainable=True`; see `noise_levels` for its source.

        Args:
            noisy: image (y, x) or stack (n, y, x), counts.
            offset: see `fit`.
            **kwargs: for the constructor.

        Returns:
            The noise model.

        Raises:
            InputError: constant images, NaN or infinity, or too few pixels.
        """
        levels = noise_levels(noisy)
        return cls(
            **{"signal_range": levels.signal_range, **_from_line(*levels.line(), offset), **kwargs}
        )

    @property
    def gain(self) -> float:
        """Counts per photon."""
        return float(np.exp(np.float64(self._log_gain.numpy())))

    @property
    def read_noise_variance(self) -> float:
        """Variance of the read noise, counts squared."""
        return float(np.exp(np.float64(self._log_read_noise.numpy())))

    def distribution(self, signal: Any) -> Any:
        """Return a Normal, or with the exact density the mixture over photon numbers."""
        signal = tf.convert_to_tensor(signal)
        deviation = tf.sqrt(self.variance(signal))
        if self.density == "normal":
            return distributions().Normal(signal, deviation)
        return self._photon_mixture(signal, deviation)

    def sample(self, signal: Any, seed: int) -> tf.Tensor:
        """Draw photons and read noise, counts, of the shape of `signal`; same seed, same noise."""
        signal = float32(signal)
        photons_seed, read_seed = tf.unstack(
            tf.random.experimental.stateless_split(stateless_seed(seed))
        )
        shape, photons = tf.shape(signal), self._expected_photons(signal)
        drawn = tf.random.stateless_poisson(shape, photons_seed, photons, dtype=tf.float32)
        read = tf.random.stateless_normal(shape, read_seed) * tf.sqrt(self._read_noise())
        return signal + tf.exp(self._log_gain.value) * (drawn - photons) + read

    def mean(self, signal: Any) -> tf.Tensor:
        """Return the signal: the mean of the observation, counts."""
        return float32(signal)

    def variance(self, signal: Any) -> tf.Tensor:
        """Return the variance of the observation, counts squared, of the shape of `signal`."""
        photons = self._expected_photons(float32(signal))
        return tf.exp(2 * self._log_gain.value) * photons + self._read_noise()

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments with the present parameter values."""
        return {
            **super().get_config(),
            "gain": self.gain,
            "offset": self.offset,
            "read_noise_variance": self.read_noise_variance,
            "density": self.density,
        }

    def __repr__(self) -> str:
        return (
            f"PoissonGaussianNoiseModel(gain {self.gain:.5g} counts per photon, offset "
            f"{self.offset:.5g} counts, read noise variance {self.read_noise_variance:.5g} "
            f"counts², {self.density} density, {self._described_range()})"
        )

    def _add_logarithm(self, name: str, value: float) -> keras.Variable:
        initializer = keras.initializers.Constant(float(np.log(value)))
        return self.add_weight(name=name, shape=(), initializer=initializer, autocast=False)

    def _read_noise(self) -> tf.Tensor:
        least = _LEAST_READ_NOISE * tf.exp(2 * self._log_gain.value)
        return tf.maximum(tf.exp(self._log_read_noise.value), least)

    def _expected_photons(self, signal: tf.Tensor) -> tf.Tensor:
        return tf.nn.relu(signal - self.offset) / tf.exp(self._log_gain.value)

    def _photon_mixture(self, signal: tf.Tensor, deviation: tf.Tensor) -> Any:
        """Return the mixture over the photon numbers around the expected one."""
        tfd = distributions()
        photons = self._expected_photons(signal)[..., tf.newaxis]
        few = photons <= _MANY_PHOTONS
        photons = tf.minimum(photons, _MANY_PHOTONS)
        half = tf.math.ceil(_REACH * tf.sqrt(tf.reduce_max(photons)) + 10.0)
        first = tf.stop_gradient(tf.nn.relu(tf.math.floor(photons - half)))
        numbers = first + tf.range(2 * half + 1)
        # xlogy and its gradient hold for no photons at all
        logits = tf.math.xlogy(numbers, tf.maximum(photons, 1e-20))
        logits -= photons + tf.math.lgamma(numbers + 1)
        gain, signal = tf.exp(self._log_gain.value), signal[..., tf.newaxis]
        dark = tf.minimum(signal, self.offset)
        means = tf.where(few, dark + gain * numbers, signal)
        scales = tf.where(few, tf.sqrt(self._read_noise()), deviation[..., tf.newaxis])
        return tfd.MixtureSameFamily(
            tfd.Categorical(logits=logits),
            tfd.Normal(means, tf.broadcast_to(scales, tf.shape(means))),
        )


def _from_line(slope: float, intercept: float, offset: float | None) -> dict[str, Any]:
    """Return the parameters whose variance is slope · signal + intercept."""
    if offset is None:
        offset = max(0.0, -intercept / slope) if slope > 0 else 0.0
    # a gain of zero has no logarithm; the read noise then explains everything
    gain = max(slope, 1e-6 * np.sqrt(abs(intercept)), np.finfo(np.float32).tiny)
    return {
        "gain": float(gain),
        "offset": float(offset),
        "read_noise_variance": float(max(intercept + slope * offset, 0.0)),
    }


def _check_parameters(gain: float, offset: float, read_noise_variance: float, density: str) -> None:
    if not (np.isfinite(gain) and gain > 0):
        raise InputError("The gain must be positive and finite.", gain, "Counts per photon.")
    if not np.isfinite(offset):
        raise InputError("The offset must be finite.", offset, "Give it in counts.")
    if not (np.isfinite(read_noise_variance) and read_noise_variance >= 0):
        raise InputError(
            "The read noise variance must be finite and not negative.",
            read_noise_variance,
            "Give it in counts squared.",
        )
    if density not in ("normal", "exact"):
        raise InputError("There is no such density.", density, 'Give "normal" or "exact".')
