"""Hierarchical DivNoising: a variational autoencoder with latents on several grids."""

from collections.abc import Iterable, Mapping
from typing import Any

import keras
import tensorflow as tf

from divnoising_tf.models.base import VariationalDenoiser
from divnoising_tf.models.checks import check_initial_log_variance
from divnoising_tf.models.hierarchical.distributions import Gaussian, posterior_of, prior_of
from divnoising_tf.models.hierarchical.networks import BottomUp, TopDown
from divnoising_tf.models.hierarchical.reach import network_reach
from divnoising_tf.models.hierarchical.sizes import LEVELS, sizes_of_levels
from divnoising_tf.models.hierarchical.words import HIERARCHICAL
from divnoising_tf.models.latents import divergence_from_normal, latent_distribution
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

# Begun as wide as the prior, the coarser levels stay silent.
INITIAL_LOG_VARIANCE = -4.0

# Copies alive together at the peak, rounded up. Measured on images of 1024 × 1024 with 64 and 128
# channels at the finest level: 315 and 548 bytes a pixel to encode, 248 and 488 to decode in
# float32; 179 and 183 to 201 with 64 in bfloat16; with 3 channels of the image no more than with 1.
_ENCODED_COPIES = 5
_DECODED_COPIES = 4
_IMAGE_COPIES = 8
_MIXED = 2.8  # bytes a feature: some of the copies are float32
_FLOAT32 = 4


@keras.saving.register_keras_serializable("divnoising_tf")
class HierarchicalDivNoising(VariationalDenoiser):
    """Learns the clean images behind noisy ones, with latents on several grids.

    After Prakash, Delbracio, Milanfar, Jug: Interpretable Unsupervised Diversity Denoising and
    Artefact Removal, ICLR 2022, made small enough for minutes on a processor. Coarse latents
    say what is where, fine ones how it looks in detail: prior and posterior of a level depend on
    the sample of the levels above. The posterior is a residual of the prior: what is learned is
    added to mean and log-variance of the prior.

    Input, output and use are those of `DivNoising`.

    Args:
        noise_model: p(x|s) of the camera, in counts. It is learned too if it is `trainable`.
        levels: of latents, on grids 2, 4, ..., 2^levels coarser than the image. Each more doubles
            what a tile reads around it.
        level_channels: of the features of every level, the finest first; None for 64, 64, and 96
            from the third level on.
        latent_channels: of the latents of every level; None for 8, and 16 from the second on.
        channels: channels of the images.
        beta: weight of the KL divergence; 1 is the evidence lower bound.
        initial_log_variance: natural logarithm of the variance of q, relative to that of the
            prior, at the beginning. Begun as wide as the prior (0), coarse levels stay silent.
        data_mean: of the images, counts, one number or one per channel; `fit` measures it
            where it is not given.
        data_standard_deviation: of the images, counts, likewise.

    Raises:
        InputError: an argument has no meaning.

    Example:
        >>> import numpy as np
        >>> from divnoising_tf.noise_models import GaussianNoiseModel
        >>> noise = GaussianNoiseModel(standard_deviation=5.0)
        >>> model = HierarchicalDivNoising(noise, data_mean=100.0, data_standard_deviation=20.0)
        >>> [grid.stride for grid in model.levels]
        [2, 4, 8]
        >>> posterior = model.posterior(np.full((20, 30), 100.0), seed=0)
        >>> posterior.sample(3).shape
        (3, 20, 30)
    """

    def __init__(
        self,
        noise_model: NoiseModel,
        levels: int = LEVELS,
        level_channels: Iterable[int] | None = None,
        latent_channels: Iterable[int] | None = None,
        channels: int = 1,
        beta: float = 1.0,
        initial_log_variance: float = INITIAL_LOG_VARIANCE,
        data_mean: float | Iterable[float] | None = None,
        data_standard_deviation: float | Iterable[float] | None = None,
        **kwargs: Any,
    ):
        super().__init__(noise_model, channels, beta, data_mean, data_standard_deviation, **kwargs)
        sizes = sizes_of_levels(levels, level_channels, latent_channels)
        check_initial_log_variance(initial_log_variance)
        self.level_channels, self.latent_channels = sizes
        self.initial_log_variance = float(initial_log_variance)
        self.bottom_up = BottomUp(*sizes, dtype=self.dtype_policy)
        self.top_down = TopDown(*sizes, channels, dtype=self.dtype_policy)
        self.finish()

    def build(self, input_shape: Any) -> None:
        """Create the networks' weights; the constructor does it."""
        if not self.bottom_up.built:
            self.bottom_up.build((None, None, None, self.channels))
            self.top_down.build(None)
        self.built = True

    @property
    def levels(self) -> tuple[Grid, ...]:
        """The grids of the latents, the finest first."""
        return tuple(
            Grid(2 ** (number + 1), channels)
            for number, channels in enumerate(self.latent_channels)
        )

    @property
    def context_grids(self) -> tuple[Grid, ...]:
        """Grids of the image's share in mean and log-variance of every level."""
        return tuple(Grid(stride, 2 * channels) for stride, channels in self.levels)

    @property
    def reach(self) -> Reach:
        """How far the networks see, pixels."""
        return network_reach(len(self.latent_channels))

    @property
    def bytes_per_pixel(self) -> BytesPerPixel:
        """Memory that the networks take."""
        item = _FLOAT32 if self.compute_dtype == "float32" else _MIXED
        # the finest level's, of which there is one place in four pixels
        features = self.level_channels[0] * item / 4
        images = _IMAGE_COPIES * self.channels * _FLOAT32
        return BytesPerPixel(
            encode=_ENCODED_COPIES * features + images, decode=_DECODED_COPIES * features + images
        )

    @property
    def family(self) -> Family:
        """What a package says of all models of this kind."""
        return HIERARCHICAL

    @property
    def networks(self) -> tuple[keras.layers.Layer, ...]:
        """The networks from the image to the contexts, and from latents to the signal."""
        return self.bottom_up, self.top_down

    def encode_normalised(self, images: tf.Tensor) -> Context:
        """Return the image's share in mean and log-variance of the posterior of every level."""
        return tuple(self.bottom_up(images))

    def decode_normalised(self, context: Context, noises: Noises) -> tf.Tensor:
        """Return the normalised signal of latents mean + standard deviation · noise."""
        return self.top_down.descend(
            lambda level, above: self._posterior(context[level], above).at(noises[level])
        )

    def generate_normalised(self, noises: Noises) -> tf.Tensor:
        """Return the normalised signal of latents of the prior."""
        return self.top_down.descend(
            lambda level, above: (
                noises[level] if above is None else prior_of(above).at(noises[level])
            )
        )

    def draw(self, images: tf.Tensor, seed: tf.Tensor) -> dict[str, tf.Tensor]:
        """Return "signal", and mean and log-variance of posterior and prior of every level."""
        context = self.encode_normalised(images)
        seeds = tf.unstack(tf.random.experimental.stateless_split(seed, len(context)))
        outputs: dict[str, tf.Tensor] = {}

        def latent(level: int, above: tf.Tensor | None) -> tf.Tensor:
            posterior = self._posterior(context[level], above)
            zeros = tf.zeros_like(posterior.mean)
            prior = Gaussian(zeros, zeros) if above is None else prior_of(above)
            outputs.update(zip(_names(level), (*posterior, *prior), strict=True))
            return latent_distribution(*posterior).sample(seed=seeds[level])

        return {"signal": self.top_down.descend(latent), **outputs}

    def divergences(self, outputs: Mapping[str, tf.Tensor]) -> tuple[tf.Tensor, ...]:
        """Return KL(q || p) of every level in nats, (batch, rows, columns, latent channel)."""
        return tuple(
            divergence_from_normal(*(outputs[name] for name in _names(level)))
            for level in range(len(self.latent_channels))
        )

    def described_network(self) -> str:
        """Return the sizes of the networks in a few words."""
        parameters = sum(network.count_params() for network in self.networks)
        latents = " + ".join(map(str, self.latent_channels))
        return f"{len(self.levels)} levels, {latents} latent channels, {parameters:,} parameters"

    def onnx_networks(self) -> OnnxNetworks:
        """Return the networks as ONNX nodes."""
        # onnx is slow to import, and most users never export
        from divnoising_tf.models.hierarchical.onnx import HierarchicalNodes

        return HierarchicalNodes(self)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments; the data's statistics travel as weights."""
        return {
            **super().get_config(),
            "levels": len(self.latent_channels),
            "level_channels": list(self.level_channels),
            "latent_channels": list(self.latent_channels),
            "initial_log_variance": self.initial_log_variance,
        }

    def _posterior(self, context: tf.Tensor, above: tf.Tensor | None) -> Gaussian:
        return posterior_of(context, above, self.initial_log_variance)


def _names(level: int) -> list[str]:
    """Return the names among the outputs of mean and log-variance of posterior and prior."""
    return [
        f"{distribution}_{value}_{level}"
        for distribution in ("latent", "prior")
        for value in ("mean", "log_variance")
    ]
