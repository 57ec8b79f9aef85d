"""The networks of the hierarchy as ONNX nodes, with the weights of the layers as constants.

Shapes are (batch, channel, y, x), as ONNX has them.
"""

from typing import Any

import numpy as np

from divnoising_tf.models.hierarchical.layers import ResidualBlock
from divnoising_tf.models.latents import LOG_VARIANCE_RANGE
from divnoising_tf.models.layers.onnx import convolution
from divnoising_tf.onnx_nodes.nodes import Tensor, node, outputs_of


class HierarchicalNodes:
    """Both networks as nodes, see `OnnxNetworks`.

    Args:
        model: a `HierarchicalDivNoising` in float32.
    """

    def __init__(self, model: Any):
        self._bottom_up = model.bottom_up
        self._top_down = model.top_down
        self._initial_log_variance = model.initial_log_variance

    def encode(self, images: Tensor) -> tuple[Tensor, ...]:
        """Return the contexts of normalised, padded images; see `BottomUp.call`."""
        features = node("SpaceToDepth", images, blocksize=2)
        contexts = []
        for level in self._bottom_up.levels:
            features = _residual(convolution(features, level.entry), level.block)
            contexts.append(convolution(features, level.context))
        return tuple(contexts)

    def decode(self, context: tuple[Tensor, ...], noises: tuple[Tensor, ...]) -> Tensor:
        """Return the normalised signal; see `TopDown.descend`."""
        features: Any = None
        for number, level in reversed(list(enumerate(self._top_down.levels))):
            above = None
            if features is not None:
                features = _doubled(convolution(features, level.ascent))
                above = convolution(node("Relu", features), level.above)
            latent = self._latent(context[number], above, noises[number], level.latent_channels)
            told = convolution(latent, level.latent)
            features = _residual(told if features is None else features + told, level.block)
        image = convolution(features, self._top_down.image)
        return node("DepthToSpace", image, blocksize=2, mode="DCR")

    def _latent(
        self, context: Tensor, above: Tensor | None, noise: Tensor, channels: int
    ) -> Tensor:
        """Return z of the posterior, see `distributions.posterior_of`."""
        if above is not None:
            prior, share = _split(above, 2 * channels)
            context = prior + (context + share)
        mean, log_variance = _split(context, channels)
        clipped = node("Clip", log_variance + self._initial_log_variance, *LOG_VARIANCE_RANGE)
        latent: Tensor = mean + node("Exp", 0.5 * clipped) * noise
        return latent


def _residual(features: Tensor, block: ResidualBlock) -> Tensor:
    change = node("Relu", convolution(node("Relu", features), block.first))
    return features + convolution(change, block.second)


def _split(values: Tensor, channels: int) -> list[Tensor]:
    return outputs_of(2, "Split", values, [channels, channels], axis=1)


def _doubled(features: Tensor) -> Tensor:
    return node(
        "Resize",
        features,
        np.zeros(0, np.float32),
        np.array([1, 1, 2, 2], np.float32),
        mode="nearest",
        coordinate_transformation_mode="asymmetric",
        nearest_mode="floor",
    )
