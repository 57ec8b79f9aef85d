"""DivNoising's networks as ONNX nodes, with the weights of the Keras layers as constants.

Shapes are (batch, channel, y, x), as ONNX has them.
"""

from typing import Any

from divnoising_tf.models.divnoising.networks import Decoder, Encoder
from divnoising_tf.models.latents import LOG_VARIANCE_RANGE
from divnoising_tf.models.layers.onnx import convolution, upsample
from divnoising_tf.onnx_nodes.nodes import Tensor, node


class DivNoisingNodes:
    """Encoder and decoder as nodes, see `OnnxNetworks`.

    Args:
        model: a `DivNoising` in float32.
    """

    def __init__(self, model: Any):
        self._encoder = model.encoder
        self._decoder = model.decoder

    def encode(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and standard deviation of q(z|x) of normalised, padded images."""
        return encoded(self._encoder, images)

    def decode(self, context: tuple[Tensor, ...], noises: tuple[Tensor, ...]) -> Tensor:
        """Return the normalised signal g(mean + standard deviation · noise)."""
        mean, deviation = context
        # of the mean: known before the loop that makes samples
        height, width = mean.size(2), mean.size(3)
        return decoded(self._decoder, mean + deviation * noises[0], height, width)


def encoded(encoder: Encoder, images: Tensor) -> tuple[Tensor, Tensor]:
    """Return mean and standard deviation of q(z|x).

    Args:
        encoder: in float32.
        images: normalised; y and x multiples of 2^depth.
    """
    levels, (mean, log_variance) = encoder.convolutions()
    features = images
    for first, second in levels:
        features = node("Relu", convolution(features, first))
        features = node("Relu", convolution(features, second))
        features = node("MaxPool", features, kernel_shape=[2, 2], strides=[2, 2])
    clipped = node("Clip", convolution(features, log_variance), *LOG_VARIANCE_RANGE)
    return convolution(features, mean), node("Exp", 0.5 * clipped)


def decoded(decoder: Decoder, latent: Tensor, height: Tensor, width: Tensor) -> Tensor:
    """Return the signal g(z), normalised.

    Args:
        decoder: in float32.
        latent: z.
        height: rows of the latent, int64 scalar; known before the loop that makes latents.
        width: its columns, likewise.
    """
    entry, levels = decoder.convolutions()
    features = node("Relu", convolution(latent, entry))
    for layer, upsampling in levels:
        features = node("Relu", convolution(features, layer))
        features = upsample(features, upsampling, height, width)
        height, width = 2 * height, 2 * width
    return features
