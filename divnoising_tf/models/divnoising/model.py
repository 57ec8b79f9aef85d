"""The DivNoising model: a variational autoencoder with latents on one grid."""

from collections.abc import Iterable, Mapping
from typing import Any

import keras
import tensorflow as tf

from divnoising_tf.models.base import VariationalDenoiser
from divnoising_tf.models.checks import check_architecture, check_initial_log_variance
from divnoising_tf.models.divnoising.networks import Decoder, Encoder
from divnoising_tf.models.divnoising.reach import network_reach
from divnoising_tf.models.divnoising.words import DIVNOISING
from divnoising_tf.models.latents import (
    INITIAL_LOG_VARIANCE,
    divergence_from_standard_normal,
    latent_distribution,
)
from divnoising_tf.noise_models import NoiseModel
from divnoising_tf.posterior.contract import (
    BytesPerPixel,
    Context,
    Family,
    Grid,
    Noises,
    OnnxNetworks,
    Reach,
)

# Copies alive together at the peak, rounded up. Measured at 32 and 64 base channels: the encoder
# took 533 and 1067 bytes a pixel in float32, 4.1 images of the first level's channels, and 397 at
# 32 in bfloat16; the decoder, whose first level works at half the resolution, 122.
_FEATURE_COPIES = 4
_IMAGE_COPIES = 10
_LATENT_COPIES = 4
_MIXED = 3  # bytes a feature: some of the copies are float32
_FLOAT32 = 4


@keras.saving.register_keras_serializable("divnoising_tf")
class DivNoising(VariationalDenoiser):
    """Learns the clean images behind noisy ones, from noisy ones alone.

    Prakash, Krull, Jug: Fully Unsupervised Diversity Denoising with Convolutional Variational
    Autoencoders, ICLR 2021. Input and output are in counts; the networks see intensities
    normalised by the training data's mean and standard deviation, which belong to the model.
    Train with `compile` and `fit`; then `posterior` gives the denoised images.

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
        >>> import numpy as np
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
        super().__init__(noise_model, channels, beta, data_mean, data_standard_deviation, **kwargs)
        check_architecture(
            depth=depth, latent_channels=latent_channels, base_channels=base_channels
        )
        check_initial_log_variance(initial_log_variance)
        self.depth = depth
        self.latent_channels = latent_channels
        self.base_channels = base_channels
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
        self.finish()

    def build(self, input_shape: Any) -> None:
        """Create the networks' weights; the constructor does it."""
        if not self.encoder.built:
            self.encoder.build((None, None, None, self.channels))
            self.decoder.build((None, None, None, self.latent_channels))
        self.built = True

    @property
    def levels(self) -> tuple[Grid, ...]:
        """The grid of the latents."""
        return (Grid(2**self.depth, self.latent_channels),)

    @property
    def context_grids(self) -> tuple[Grid, ...]:
        """Grids of mean and standard deviation of q(z|x)."""
        return self.levels * 2

    @property
    def reach(self) -> Reach:
        """How far the networks see, pixels."""
        return network_reach(self.depth)

    @property
    def bytes_per_pixel(self) -> BytesPerPixel:
        """Memory that the networks take."""
        item = _FLOAT32 if self.compute_dtype == "float32" else _MIXED
        features = _FEATURE_COPIES * self.base_channels * item
        images = _IMAGE_COPIES * self.channels * _FLOAT32
        latents = _LATENT_COPIES * self.latent_channels * _FLOAT32 / self.multiple**2
        return BytesPerPixel(encode=features + images, decode=features / 4 + images + latents)

    @property
    def family(self) -> Family:
        """What a package says of all models of this kind."""
        return DIVNOISING

    @property
    def networks(self) -> tuple[keras.layers.Layer, ...]:
        """Encoder and decoder."""
        return self.encoder, self.decoder

    def encode_normalised(self, images: tf.Tensor) -> Context:
        """Return mean and standard deviation of q(z|x), normalised images given."""
        mean, log_variance = self.encoder(images)
        return mean, tf.exp(0.5 * log_variance)

    def decode_normalised(self, context: Context, noises: Noises) -> tf.Tensor:
        """Return the normalised signal g(mean + standard deviation · noise)."""
        mean, deviation = context
        return self.decoder(mean + deviation * noises[0])

    def generate_normalised(self, noises: Noises) -> tf.Tensor:
        """Return the normalised signal g(noise)."""
        return self.decoder(noises[0])

    def draw(self, images: tf.Tensor, seed: tf.Tensor) -> dict[str, tf.Tensor]:
        """Return "signal", "latent_mean" and "latent_log_variance" of normalised images."""
        mean, log_variance = self.encoder(images)
        latent = latent_distribution(mean, log_variance).sample(seed=seed)
        signal = self.decoder(latent)
        return {"signal": signal, "latent_mean": mean, "latent_log_variance": log_variance}

    def divergences(self, outputs: Mapping[str, tf.Tensor]) -> tuple[tf.Tensor, ...]:
        """Return KL(q(z|x) || N(0, 1)), nats, (batch, rows, columns, latent channel)."""
        return (
            divergence_from_standard_normal(outputs["latent_mean"], outputs["latent_log_variance"]),
        )

    def described_network(self) -> str:
        """Return the sizes of the networks in a few words."""
        parameters = sum(network.count_params() for network in self.networks)
        return (
            f"depth {self.depth}, {self.latent_channels} latent channels, {parameters:,} parameters"
        )

    def onnx_networks(self) -> OnnxNetworks:
        """Return the networks as ONNX nodes."""
        # onnx is slow to import, and most users never export
        from divnoising_tf.models.divnoising.onnx import DivNoisingNodes

        return DivNoisingNodes(self)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments; the data's statistics travel as weights."""
        return {
            **super().get_config(),
            "depth": self.depth,
            "latent_channels": self.latent_channels,
            "base_channels": self.base_channels,
            "kernel_initializer": self.kernel_initializer,
            "initial_log_variance": self.initial_log_variance,
        }
