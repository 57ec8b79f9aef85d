"""A second family of models, as small as can be: latents on grids of strides 2 and 4.

For tests of what must hold for every family. The posterior of the fine level depends on the
sample of the coarse one, so that whatever takes a level by itself gives other images.
"""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from divnoising_tf.models.base import VariationalDenoiser
from divnoising_tf.models.layers.onnx import convolution
from divnoising_tf.noise_models import GaussianNoiseModel
from divnoising_tf.onnx_nodes.nodes import node
from divnoising_tf.posterior.contract import BytesPerPixel, Family, Grid, Reach

MEAN, STANDARD_DEVIATION = 100.0, 20.0
TWO_GRIDS = Family(
    name="two grids",
    summary="This is a model of the tests, with latents on two grids.",
    papers=({"text": "Nobody: Two grids", "url": "https://example.org/two-grids"},),
    tags=("two-grids",),
)
FINE, COARSE = 3, 2  # latent channels


def _convolution(filters: int, **options: Any) -> keras.layers.Conv2D:
    return keras.layers.Conv2D(
        filters, 3, padding="same", data_format="channels_last", dtype="float32", **options
    )


@keras.saving.register_keras_serializable("divnoising_tf_tests")
class TwoGrids(VariationalDenoiser):
    """Latents of strides 2 and 4; the coarse one moves the mean of the fine one.

    Space to depth, one convolution to the context of the fine level, one more, of means of 2×2
    places, to that of the coarse one. A sample: coarse = context + noise / 2, fine = context +
    tanh(convolution(coarse, repeated)) + noise · exp(-1 - tanh(coarse of channel 0)).
    """

    def __init__(self, noise_model, channels=1, beta=1.0, **kwargs: Any):
        super().__init__(noise_model, channels, beta, **kwargs)
        self.fine = _convolution(FINE)
        self.coarse = _convolution(COARSE)
        self.downwards = _convolution(FINE)
        self.image = _convolution(4 * channels)
        self.finish()

    def build(self, input_shape: Any) -> None:
        if not self.fine.built:
            self.fine.build((None, None, None, 4 * self.channels))
            self.coarse.build((None, None, None, FINE))
            self.downwards.build((None, None, None, COARSE))
            self.image.build((None, None, None, FINE))
        self.built = True

    @property
    def levels(self):
        return Grid(2, FINE), Grid(4, COARSE)

    @property
    def reach(self):
        # encode: 1 fine place, 1 coarse place, to the cell's border; decode: the same downwards
        return Reach(multiple=4, encode=8, decode=8)

    @property
    def bytes_per_pixel(self):
        return BytesPerPixel(encode=100.0, decode=50.0)

    @property
    def family(self):
        return TWO_GRIDS

    @property
    def networks(self):
        return self.fine, self.coarse, self.downwards, self.image

    def encode_normalised(self, images):
        fine = self.fine(tf.nn.space_to_depth(images, 2))
        return fine, self.coarse(tf.nn.avg_pool2d(fine, 2, 2, "VALID"))

    def decode_normalised(self, context, noises):
        signal, _ = self._from_above(context, noises)
        return signal

    def generate_normalised(self, noises):
        return self.decode_normalised([tf.zeros_like(noise) for noise in noises], noises)

    def draw(self, images, seed):
        context = self.encode_normalised(images)
        seeds = tf.random.experimental.stateless_split(seed, 2)
        noises = [
            tf.random.stateless_normal(tf.shape(one), one_seed)
            for one, one_seed in zip(context, tf.unstack(seeds), strict=True)
        ]
        signal, fine_log_deviation = self._from_above(context, noises)
        return {
            "signal": signal,
            "fine": context[0],
            "coarse": context[1],
            "fine_log_deviation": fine_log_deviation,
        }

    def divergences(self, outputs: Mapping[str, tf.Tensor]):
        # of N(m, d²) from N(0, 1), and from N(0, 1/4)
        fine, log_deviation = outputs["fine"], outputs["fine_log_deviation"]
        kl = 0.5 * (tf.exp(2 * log_deviation) + fine**2 - 1) - log_deviation
        return kl, 2 * outputs["coarse"] ** 2

    def described_network(self) -> str:
        return "two grids"

    def onnx_networks(self):
        return _Nodes(self)

    def _from_above(self, context, noises):
        coarse = context[1] + 0.5 * noises[1]
        repeated = tf.repeat(tf.repeat(coarse, 2, axis=1), 2, axis=2)
        log_deviation = -1 - tf.tanh(repeated[..., :1])
        fine = context[0] + tf.tanh(self.downwards(repeated)) + tf.exp(log_deviation) * noises[0]
        return tf.nn.depth_to_space(self.image(fine), 2), log_deviation


class _Nodes:
    """The same as ONNX nodes, channels first."""

    def __init__(self, model: TwoGrids):
        self._model = model

    def encode(self, images):
        fine = convolution(node("SpaceToDepth", images, blocksize=2), self._model.fine)
        means = node("AveragePool", fine, kernel_shape=[2, 2], strides=[2, 2])
        return fine, convolution(means, self._model.coarse)

    def decode(self, context, noises):
        coarse = context[1] + 0.5 * noises[1]
        scales = np.array([1, 1, 2, 2], np.float32)
        repeated = node(
            "Resize", coarse, np.zeros(0, np.float32), scales,
            mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor",
        )  # fmt: skip
        above = node("Slice", repeated, [0], [1], [1])
        deviation = node("Exp", -1.0 - node("Tanh", above))
        moved = node("Tanh", convolution(repeated, self._model.downwards))
        fine = context[0] + moved + deviation * noises[0]
        return node("DepthToSpace", convolution(fine, self._model.image), blocksize=2, mode="DCR")


def two_grids(channels: int = 1, seed: int = 0, noise_model: Any = None) -> TwoGrids:
    """Return a model with random weights and biases."""
    keras.utils.set_random_seed(seed)
    model = TwoGrids(
        noise_model or GaussianNoiseModel(5.0),
        channels,
        data_mean=MEAN,
        data_standard_deviation=STANDARD_DEVIATION,
    )
    rng = np.random.default_rng(seed)
    for network in model.networks:
        for variable in network.weights:
            if "bias" in variable.path:
                variable.assign(rng.normal(0, 0.3, variable.shape))
    return model
