"""The DivNoising model: a variational autoencoder whose likelihood is the camera's noise."""

from collections.abc import Iterable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from divnoising_tf.configuration import deserialised
from divnoising_tf.latent_metrics import ActiveLatentChannels
from divnoising_tf.latents import INITIAL_LOG_VARIANCE, latent_distribution
from divnoising_tf.model_checks import (
    check_architecture,
    check_beta,
    check_initial_log_variance,
    check_noise_model,
    check_statistics,
)
from divnoising_tf.networks import Decoder, Encoder, crop_to, pad_to_multiple
from divnoising_tf.noise_models import NoiseModel
from divnoising_tf.normalisation import Normalisation
from divnoising_tf.objective import evidence_terms
from divnoising_tf.outliers import (
    bounds_of,
    noise_bounds,
    outliers,
    warn_of_denoising,
    warn_of_training,
)
from divnoising_tf.posterior import Posterior, generate_images
from divnoising_tf.posterior.sample_decoder import SampleDecoder
from divnoising_tf.replicas import also_for_empty_batches, seed_of_replica, share_of_loss


@keras.saving.register_keras_serializable("divnoising_tf")
class DivNoising(keras.Model):
    """Learns the clean images behind noisy ones, from noisy ones alone.

    Prakash, Krull, Jug: Fully Unsupervised Diversity Denoising with Convolutional Variational
    Autoencoders, ICLR 2021. Input and output are in counts; the networks see intensities
    normalised by the training data's mean and standard deviation, which belong to the model, and
    hot pixels and cosmic rays, counts that signal and noise do not explain, only as bright as
    what they do. Train with `compile` and `fit`; then `posterior` gives the denoised images.

    Args:
        noise_model: p(x|s) of the camera, in counts. It is learned too if it is `trainable`.
        depth: levels of the networks; latents lie on a grid 2^depth coarser than the image.
        latent_channels: channels of the latent z.
        base_channels: channels of the first level; they double from level to level.
        channels: channels of the images.
        beta: weight of the KL divergence (supplement 7); 1 is the evidence lower bound.
        kernel_initializer: of all convolutions but that of the log-variance, which starts at
            zero. Keep "glorot_uniform" unless the noise is much stronger than the signal.
        initial_log_variance: natural logarithm of the variance of q(z|x) at the beginning. With
            noise of several times the signal's deviation, -4 and the initialiser "he_normal"
            keep the decoder from falling silent before it has learned to listen.
        data_mean: of the images, counts, one number or one per channel; `fit` measures it
            where it is not given.
        data_standard_deviation: of the images, counts, likewise.

    Raises:
        InputError: an argument has no meaning.

    Example:
        >>> from divnoising_tf.noise_models import GaussianNoiseModel
        >>> noise = GaussianNoiseModel(standard_deviation=5.0)
        >>> model = DivNoising(noise, depth=2, data_mean=100.0, data_standard_deviation=20.0)
        >>> model.encoder.count_params() + model.decoder.count_params()
        261281
        >>> posterior = model.posterior(np.full((20, 30), 100.0), seed=0)
        >>> posterior.sample(3).shape
        (3, 20, 30)
    """

    def __init__(
        self,
        noise_model: NoiseModel,
        depth: int = 2,
        latent_channels: int = 64,
        base_channels: int = 32,
        channels: int = 1,
        beta: float = 1.0,
        kernel_initializer: str = "glorot_uniform",
        initial_log_variance: float = INITIAL_LOG_VARIANCE,
        data_mean: float | Iterable[float] | None = None,
        data_standard_deviation: float | Iterable[float] | None = None,
        **kwargs: Any,
    ):
        # counts must not be rounded to bfloat16 on their way in
        kwargs["autocast"] = False
        super().__init__(**kwargs)
        # XLA halves the speed on a CPU: compile(jit_compile="auto") then leaves it off
        self.supports_jit = bool(tf.config.list_physical_devices("GPU"))
        check_noise_model(noise_model)
        check_architecture(
            depth=depth,
            latent_channels=latent_channels,
            base_channels=base_channels,
            channels=channels,
        )
        check_beta(beta)
        check_initial_log_variance(initial_log_variance)
        self.noise_model = noise_model
        self.depth = depth
        self.latent_channels = latent_channels
        self.base_channels = base_channels
        self.channels = channels
        self.beta = float(beta)
        self.kernel_initializer = kernel_initializer
        self.initial_log_variance = float(initial_log_variance)
        self.encoder = Encoder(
            depth,
            latent_channels,
            base_channels,
            kernel_initializer,
            self.initial_log_variance,
            dtype=self.dtype_policy,
        )
        self.decoder = Decoder(
            depth, channels, base_channels, kernel_initializer, dtype=self.dtype_policy
        )
        self.normalisation = Normalisation(channels)
        if data_mean is not None or data_standard_deviation is not None:
            check_statistics(data_mean, data_standard_deviation)
            self.normalisation.set(data_mean, data_standard_deviation)
        self.kl_weight = self.add_weight(
            name="kl_weight", shape=(), initializer="ones", trainable=False, autocast=False
        )
        self._seed_generator = keras.random.SeedGenerator()
        self._reconstruction = keras.metrics.Mean(name="reconstruction")
        self._kl = keras.metrics.Mean(name="kl")
        self._weight = keras.metrics.Mean(name="beta_weight")
        self._active = ActiveLatentChannels(latent_channels, name="active_channels")
        self.build((None, None, None, channels))
        self.decode_samples = SampleDecoder(self)

    @property
    def multiple(self) -> int:
        """Image sizes are padded to a multiple of this, 2^depth pixels."""
        return 2**self.depth

    @property
    def data_mean(self) -> np.ndarray:
        """Mean of the training images, counts, shape (channels,)."""
        return self.normalisation.mean

    @property
    def data_standard_deviation(self) -> np.ndarray:
        """Standard deviation of the training images, counts, shape (channels,)."""
        return self.normalisation.standard_deviation

    @property
    def bounds(self) -> np.ndarray:
        """Lowest and highest count that the networks are shown, (2, channels)."""
        return self.normalisation.bounds

    def build(self, input_shape: Any) -> None:
        """Create the networks' weights; the constructor does it."""
        if not self.encoder.built:
            self.encoder.build((None, None, None, self.channels))
            self.decoder.build((None, None, None, self.latent_channels))
        self.built = True

    def adapt(self, images: Any) -> None:
        """Measure mean, standard deviation and bounds of the images, and keep them in the model.

        The bounds are those of the noise model, or wider where the images hold structure beyond
        them. Pixels that are still outside are left out of the statistics, with a warning. The
        networks see them at the nearest bound, and they do not count in the likelihood.

        Args:
            images: array (n, y, x, channel) or, with one channel, (n, y, x), or a
                `tf.data.Dataset` of batches of such arrays; counts.

        Raises:
            InputError: the images hold NaN or infinity, or are all equal.
        """
        found = self.normalisation.adapt(images, noise_bounds(self.noise_model, self.channels))
        if found.outliers is not None:
            warn_of_training({"training images": found.outliers}, 1, found.bounds)

    def fit(self, x: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Train as any Keras model; measures the data's mean and standard deviation first.

        Args:
            x: noisy images in counts: a `tf.data.Dataset` of batches (batch, y, x, channel), as
                `divnoising_tf.data.patches` makes, or an array.
            *args: as for `keras.Model.fit`.
            **kwargs: as for `keras.Model.fit`.

        Returns:
            The Keras history.
        """
        if isinstance(x, np.ndarray) and x.ndim == 3 and self.channels == 1:
            x = x[..., np.newaxis]
        if not self.normalisation.adapted:
            self.adapt(x)
        if isinstance(x, tf.data.Dataset):
            # a data set shuffles itself; Keras warns about its own default otherwise
            kwargs.setdefault("shuffle", False)
        return super().fit(x, *args, **kwargs)

    def encode(self, images: Any) -> tuple[tf.Tensor, tf.Tensor]:
        """Return mean and log-variance of q(z|x).

        Args:
            images: (batch, y, x, channel), counts, any size from one pixel on.

        Returns:
            Two tensors (batch, rows, columns, latent channel); rows and columns are those of the
            image padded to the multiple of 2^depth, divided by 2^depth.
        """
        normalised = self.normalisation.apply(self.normalisation.bounded(images))
        return self.encoder(pad_to_multiple(normalised, self.multiple))

    def decode(self, latent: Any) -> tf.Tensor:
        """Return the signal g(z), counts, (batch, y, x, channel), uncropped."""
        return self.normalisation.invert(self.decoder(latent))

    def call(self, images: Any, training: bool = False) -> dict[str, tf.Tensor]:
        """Encode, draw one latent per image, decode.

        Args:
            images: (batch, y, x, channel), counts.
            training: not used; both modes sample.

        Returns:
            "signal": one posterior sample per image, counts, shape of `images`;
            "latent_mean" and "latent_log_variance": of q(z|x).
        """
        return also_for_empty_batches(self._sample_once, images)

    def _sample_once(self, images: tf.Tensor) -> dict[str, tf.Tensor]:
        mean, log_variance = self.encode(images)
        seed = seed_of_replica(tf.cast(self._seed_generator.next(), tf.int32))
        latent = latent_distribution(mean, log_variance).sample(seed=seed)
        signal = crop_to(self.decode(latent), images)
        return {"signal": signal, "latent_mean": mean, "latent_log_variance": log_variance}

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> tf.Tensor:
        """Return the negative evidence lower bound per pixel (Eqs. 6–10).

        reconstruction + β · weight · KL: the reconstruction is the mean of -ln p(x|s) over pixels,
        the KL divergence is divided by the number of pixels (the authors' scaling). Pixels beyond
        `bounds` say nothing about the signal and do not count. The annealed
        weight acts in training only, so that validation losses of all epochs compare. Under a
        `tf.distribute` strategy it is the share of one replica.
        """
        terms = evidence_terms(self.noise_model, x, y_pred, self.normalisation.bounded(x))
        weight = self.beta * (self.kl_weight.value if training else tf.constant(1.0))
        number = tf.shape(x)[0]
        self._reconstruction.update_state(terms.reconstruction, sample_weight=number)
        self._kl.update_state(terms.kl, sample_weight=number)
        self._weight.update_state(weight)
        self._active.update_state(terms.kl_per_channel, sample_weight=number)
        loss = tf.add_n([terms.reconstruction + weight * terms.kl, *self.losses])
        return loss * share_of_loss()

    def posterior(
        self,
        image: Any,
        axes: str | None = None,
        seed: int | None = 0,
        tile_size: int | None = None,
    ) -> Posterior:
        """Return the posterior p(s|x) of one noisy image or stack.

        Args:
            image: noisy image, counts, any size from one pixel on.
            axes: one letter per axis, such as "YX", "SYX", "TYX" or "CYX"; by default "YX" or
                "SYX" for one-channel models, "CYX" or "SCYX" otherwise.
            seed: same seed, same samples; None derives it from each plane's pixels.
            tile_size: of large images, pixels; None for what memory bears. It does not change
                the samples.

        Returns:
            A `Posterior`: `sample`, `samples`, `moments`.

        Raises:
            InputError: the image cannot be used, or the model has not been trained.
        """
        posterior = Posterior(self, image, axes, seed, tile_size)
        found = outliers(posterior.planes, bounds_of(self))
        if found is not None:
            warn_of_denoising({"the image": found}, 1, self)
        return posterior

    def generate(self, size: tuple[int, int], n: int = 1, seed: int = 0) -> np.ndarray:
        """Draw images from the prior p(z): what the model believes clean images look like.

        Args:
            size: (y, x) in pixels.
            n: number of images.
            seed: same seed, same images.

        Returns:
            float32 array (n, y, x), or (n, channel, y, x) with more than one channel; counts.
        """
        return generate_images(self, size, n, seed)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments; the data's statistics travel as weights."""
        return {
            "name": self.name,
            "trainable": self.trainable,
            "dtype": keras.saving.serialize_keras_object(self.dtype_policy),
            "noise_model": keras.saving.serialize_keras_object(self.noise_model),
            "depth": self.depth,
            "latent_channels": self.latent_channels,
            "base_channels": self.base_channels,
            "channels": self.channels,
            "beta": self.beta,
            "kernel_initializer": self.kernel_initializer,
            "initial_log_variance": self.initial_log_variance,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "DivNoising":
        """Rebuild a model from `get_config`."""
        return cls(**deserialised(config, "noise_model", "dtype"))
