"""Gaussian mixture noise: the shape of the noise changes smoothly with the signal."""

import os
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from divnoising_tf.errors import InputError
from divnoising_tf.noise_models.base import NoiseModel
from divnoising_tf.noise_models.calibration import calibration_pairs, pairs_from_repeats
from divnoising_tf.noise_models.image_noise import noise_levels
from divnoising_tf.noise_models.likelihood import bin_pairs, maximise_likelihood
from divnoising_tf.noise_models.mixture_coefficients import (
    check_size,
    checked_coefficients,
    checked_range,
    initial_coefficients,
    linear_variances,
    polynomials,
)
from divnoising_tf.noise_models.pn2v_file import read_pn2v_file, write_pn2v_file
from divnoising_tf.noise_models.tensors import float32
from divnoising_tf.noise_models.tfp import distributions

# a component narrower than this share of the smallest measured variance fits single grey levels
_SMALLEST_SHARE_OF_VARIANCE = 0.05


@keras.saving.register_keras_serializable("divnoising_tf")
class GaussianMixtureNoiseModel(NoiseModel):
    """Observation = mixture of Gaussians whose parameters are polynomials of the signal.

    Prakash, Lalit, Tomancak, Krull, Jug: Fully Unsupervised Probabilistic Noise2Void, ISBI
    2020. With t = (signal - lowest) / (highest - lowest) and components k:

    - variance_k = Σ_i exp(v_ki) t^i, never below `min_variance`,
    - weight_k = softmax over k of Σ_i w_ki t^i,
    - mean_k = signal + m_k - Σ_j weight_j m_j with m_k = Σ_i m_ki t^i, so that the mean of the
      mixture is the signal.

    Outside the signal range the weights and m_k keep their values at its end. The variance
    keeps its value below the range, and above it goes on along its tangent, as shot noise does
    (with two coefficients this is the polynomial itself). The mean stays the signal.

    Args:
        signal_range: lowest and highest signal, counts; t is 0 and 1 there.
        n_components: number of Gaussians, K.
        n_coefficients: coefficients per polynomial, C; 2 is linear in the signal.
        coefficients: array (3K, C): rows m (counts), v (logarithm of counts squared), w. None
            starts from a Gaussian whose standard deviation is a twentieth of the range.
        min_variance: lower bound of each variance, counts squared; None takes
            (1e-4 · range)^2.
        trainable: see `NoiseModel`; the coefficients are then learned.

    Raises:
        InputError: the coefficients do not match K and C, or a number has no meaning.

    Example:
        >>> noise = GaussianMixtureNoiseModel(signal_range=(0, 100))
        >>> noise
        GaussianMixtureNoiseModel(3 components, 2 coefficients, standard deviation 5 to 5 counts,
                                  signal 0 to 100 counts)
        >>> noise.mean([10.0, 20.0]).numpy()
        array([10., 20.], dtype=float32)
    """

    def __init__(
        self,
        signal_range: tuple[float, float],
        n_components: int = 3,
        n_coefficients: int = 2,
        coefficients: Any = None,
        min_variance: float | None = None,
        trainable: bool = False,
        **kwargs: Any,
    ):
        super().__init__(signal_range=signal_range, trainable=trainable, **kwargs)
        self._low, self._high = checked_range(self.signal_range)
        check_size(n_components, n_coefficients)
        self.n_components = int(n_components)
        self.n_coefficients = int(n_coefficients)
        extent = self._high - self._low
        self.min_variance = (1e-4 * extent) ** 2 if min_variance is None else float(min_variance)
        if not (np.isfinite(self.min_variance) and self.min_variance > 0):
            raise InputError(
                "min_variance must be positive and finite.",
                min_variance,
                "Give a variance in counts squared, below that of the noise.",
            )
        if coefficients is None:
            variances = [(0.05 * extent) ** 2] + [0.0] * (n_coefficients - 1)
            coefficients = initial_coefficients(variances, n_components)
        values = checked_coefficients(coefficients, self.n_components, self.n_coefficients)
        means, log_variances, logits = np.split(values, 3)
        # means are kept in units of the noise, so that one learning rate suits all weights
        self._unit = float(np.sqrt(max(np.exp(log_variances).sum(1).mean(), self.min_variance)))
        self._means = self._add_coefficients("means", means / self._unit)
        self._log_variances = self._add_coefficients("log_variances", log_variances)
        self._logits = self._add_coefficients("logits", logits)
        self.built = True

    @classmethod
    def fit(
        cls,
        signal: Any,
        observation: Any = None,
        n_components: int = 3,
        n_coefficients: int = 2,
        min_variance: float | None = None,
        seed: int = 0,
        **kwargs: Any,
    ) -> "GaussianMixtureNoiseModel":
        """Fit the mixture to pairs of signal and observation by maximum likelihood.

        The pairs are binned finely, so that millions of them cost little, and the likelihood is
        maximised by L-BFGS from two starts: components that differ in mean, and in variance.

        Args:
            signal: `CalibrationPairs`, or clean images, see `pairs_from_images`; counts.
            observation: noisy images, counts; None with `CalibrationPairs`.
            n_components: number of Gaussians.
            n_coefficients: coefficients per polynomial of the signal.
            min_variance: counts squared; None takes a twentieth of the smallest measured one,
                at least that of rounding to the grey levels that the observations have.
            seed: of the starts; same seed, same fit.
            **kwargs: for the constructor.

        Returns:
            The fitted noise model.

        Raises:
            InputError: the images cannot calibrate a noise model; see `pairs_from_images`.
        """
        check_size(n_components, n_coefficients)
        n_parameters = 3 * n_components * n_coefficients
        pairs = calibration_pairs(signal, observation, n_parameters=n_parameters)
        binned = bin_pairs(pairs)
        variances = binned.variance_polynomial(n_coefficients)
        if min_variance is None:
            min_variance = max(
                _SMALLEST_SHARE_OF_VARIANCE * binned.smallest_variance, pairs.step**2 / 12
            )
        fits = []
        for spread in ("mean", "variance"):
            model = cls(
                signal_range=pairs.signal_range,
                n_components=n_components,
                n_coefficients=n_coefficients,
                coefficients=initial_coefficients(variances, n_components, spread, seed),
                min_variance=min_variance,
                **kwargs,
            )
            fits.append((maximise_likelihood(model, binned), model))
            if n_components == 1:
                break
        return max(fits, key=lambda fit: fit[0])[1]

    @classmethod
    def fit_repeats(cls, shots: Any, **kwargs: Any) -> "GaussianMixtureNoiseModel":
        """Fit to repeated shots of a static sample, array (n, y, x), counts.

        Keyword arguments are those of `fit`; see `pairs_from_repeats`.
        """
        return cls.fit(pairs_from_repeats(shots), **kwargs)

    @classmethod
    def from_image(
        cls, noisy: Any, n_components: int = 3, n_coefficients: int = 2, **kwargs: Any
    ) -> "GaussianMixtureNoiseModel":
        """Estimate the noise from noisy images alone, to be learned further with the images.

        All components together have the variance of a Poisson–Gaussian estimate, see
        `PoissonGaussianNoiseModel.from_image`; give `trainable=True` for co-learning.

        Args:
            noisy: image (y, x) or stack (n, y, x), counts.
            n_components: number of Gaussians.
            n_coefficients: coefficients per polynomial of the signal.
            **kwargs: for the constructor.

        Returns:
            The noise model.

        Raises:
            InputError: constant images, NaN or infinity, or too few pixels.
        """
        check_size(n_components, n_coefficients)
        levels = noise_levels(noisy)
        dark, bright = levels.end_variances()
        variances = linear_variances(dark, bright, n_coefficients)
        arguments = {
            "signal_range": levels.signal_range,
            "n_components": n_components,
            "n_coefficients": n_coefficients,
            "coefficients": initial_coefficients(variances, n_components),
            "min_variance": _SMALLEST_SHARE_OF_VARIANCE * dark,
        }
        return cls(**{**arguments, **kwargs})

    @classmethod
    def from_npz(cls, path: str | os.PathLike[str], **kwargs: Any) -> "GaussianMixtureNoiseModel":
        """Read a noise model file of PN2V, DivNoising, HDN or CAREamics.

        Args:
            path: name of the .npz file.
            **kwargs: for the constructor.

        Raises:
            InputError: the file is not such a noise model.
        """
        return cls(**{**read_pn2v_file(path), **kwargs})

    def to_npz(self, path: str | os.PathLike[str], overwrite: bool = False) -> None:
        """Write the noise model as PN2V, DivNoising, HDN and CAREamics read it.

        Args:
            path: name of the file, ending in .npz.
            overwrite: whether an existing file may be replaced.

        Raises:
            InputError: the file exists, or cannot be written.
        """
        write_pn2v_file(
            path, self.coefficients, (self._low, self._high), self.min_variance, overwrite
        )

    @property
    def coefficients(self) -> np.ndarray:
        """Coefficients in the published layout, float32 (3K, C): rows m (counts), v, w."""
        rows = [self._means.numpy() * self._unit, self._log_variances.numpy()]
        return np.concatenate([*rows, self._logits.numpy()]).astype(np.float32)

    def distribution(self, signal: Any) -> Any:
        """Return the mixture, a TFP `MixtureSameFamily`, batch shape that of `signal`."""
        tfd = distributions()
        parts = self._components(tf.convert_to_tensor(signal))
        log_weights, means, variances = (tf.stack(part, axis=-1) for part in parts)
        return tfd.MixtureSameFamily(
            tfd.Categorical(logits=log_weights), tfd.Normal(means, tf.sqrt(variances))
        )

    def log_prob(self, observation: Any, signal: Any) -> tf.Tensor:
        """Return ln p(observation | signal), per count; shapes broadcast.

        The same as `distribution(signal).log_prob(observation)`, computed component by
        component, which is faster than along a last axis of length K.
        """
        observation = float32(observation)
        terms = [
            log_weight - 0.5 * (tf.math.log(variance) + (observation - mean) ** 2 / variance)
            for log_weight, mean, variance in zip(*self._components(float32(signal)), strict=True)
        ]
        return tf.reduce_logsumexp(tf.stack(terms), axis=0) - 0.5 * float(np.log(2 * np.pi))

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments with the present coefficients."""
        return {
            **super().get_config(),
            "n_components": self.n_components,
            "n_coefficients": self.n_coefficients,
            "coefficients": self.coefficients.tolist(),
            "min_variance": self.min_variance,
        }

    def __repr__(self) -> str:
        low, high = np.sqrt(self.variance([self._low, self._high]).numpy())
        return (
            f"GaussianMixtureNoiseModel({self.n_components} components, "
            f"{self.n_coefficients} coefficients, standard deviation {low:.3g} to {high:.3g} "
            f"counts, {self._described_range()})"
        )

    def _add_coefficients(self, name: str, values: np.ndarray) -> keras.Variable:
        weight = self.add_weight(name=name, shape=values.shape, initializer="zeros", autocast=False)
        weight.assign(values.astype(np.float32))
        return weight

    def _components(self, signal: tf.Tensor) -> tuple[list[tf.Tensor], ...]:
        """Return K log-weights, K means and K variances, each of the shape of `signal`."""
        position = (signal - self._low) / (self._high - self._low)
        inside = tf.clip_by_value(position, 0.0, 1.0)
        beyond = tf.nn.relu(position - 1.0)
        logits = polynomials(self._logits.value, inside)
        normaliser = tf.reduce_logsumexp(tf.stack(logits), axis=0)
        log_weights = [one - normaliser for one in logits]
        means = polynomials(self._means.value * self._unit, inside)
        shift = signal - tf.add_n(
            [tf.exp(weight) * mean for weight, mean in zip(log_weights, means, strict=True)]
        )
        rates = tf.exp(self._log_variances.value)
        slopes = tf.linalg.matvec(rates, tf.range(self.n_coefficients, dtype=tf.float32))
        variances = [
            tf.maximum(variance + slope * beyond, self.min_variance)
            for variance, slope in zip(polynomials(rates, inside), tf.unstack(slopes), strict=True)
        ]
        return log_weights, [mean + shift for mean in means], variances
