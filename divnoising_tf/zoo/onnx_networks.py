"""Encoder and decoder as ONNX nodes, with the weights of the Keras layers as constants.

Shapes are (batch, channel, y, x), as ONNX has them.
"""

from typing import Any

import numpy as np
import tensorflow as tf

from divnoising_tf.latents import LOG_VARIANCE_RANGE
from divnoising_tf.upsampling import UpsamplingConvolution, composed_kernel
from divnoising_tf.zoo.onnx_nodes import Tensor, node, vector

_PADS = [1, 1, 1, 1]


def pad_to_multiple(images: Tensor, multiple: int) -> Tensor:
    """Continue images by their mirror images, as `networks.pad_to_multiple` does."""
    for axis in (2, 3):
        size = images.size(axis)
        padded = (size + (multiple - 1)) // multiple * multiple
        place = node("Range", 0, padded, 1) % (2 * size)
        images = node("Gather", images, node("Min", place, 2 * size - 1 - place), axis=axis)
    return images


def encode(encoder: Any, images: Tensor) -> tuple[Tensor, Tensor]:
    """Return mean and standard deviation of q(z|x).

    Args:
        encoder: an `Encoder`.
        images: normalised; y and x multiples of 2^depth.
    """
    levels, (mean, log_variance) = encoder.convolutions()
    features = images
    for first, second in levels:
        features = node("Relu", _convolution(features, first))
        features = node("Relu", _convolution(features, second))
        features = node("MaxPool", features, kernel_shape=[2, 2], strides=[2, 2])
    clipped = node("Clip", _convolution(features, log_variance), *LOG_VARIANCE_RANGE)
    return _convolution(features, mean), node("Exp", 0.5 * clipped)


def decode(decoder: Any, latent: Tensor, height: Tensor, width: Tensor) -> Tensor:
    """Return the signal g(z), normalised.

    Args:
        decoder: a `Decoder`.
        latent: z.
        height: rows of the latent, int64 scalar; known before the loop that makes latents.
        width: its columns, likewise.
    """
    entry, levels = decoder.convolutions()
    features = node("Relu", _convolution(latent, entry))
    for convolution, upsampling in levels:
        features = node("Relu", _convolution(features, convolution))
        features = _upsample(features, upsampling, height, width)
        height, width = 2 * height, 2 * width
    return features


def _convolution(features: Tensor, layer: Any) -> Tensor:
    """Return a 3×3 convolution without its activation."""
    kernel, bias = layer.get_weights()
    return node("Conv", features, _onnx_kernel(kernel), bias, pads=_PADS)


def _upsample(
    features: Tensor, layer: UpsamplingConvolution, height: Tensor, width: Tensor
) -> Tensor:
    """Return the layer's composed convolution, as in `UpsamplingConvolution.call`.

    Between the two turns channels come last: pixels are then set in place in blocks, which takes
    ONNX Runtime a fraction of its DepthToSpace, and the turns are part of its convolutions.
    """
    transposed, _, kernel, _ = layer.get_weights()
    weights = _onnx_kernel(composed_kernel(transposed, kernel))
    corners = node("Conv", features, weights, pads=_PADS)
    corners = _channels_last(corners) + _channels_last(_biases(layer, height, width))
    if layer.activation == "relu":
        corners = node("Relu", corners)
    blocks = vector(-1, height + 1, width + 1, 2, 2 * layer.filters)
    blocks = node("Transpose", node("Reshape", corners, blocks), perm=[0, 1, 3, 2, 4])
    pixels = node("Reshape", blocks, vector(-1, 2 * height + 2, 2 * width + 2, layer.filters))
    pixels = node("Slice", pixels, [1, 1], [-1, -1], [1, 2])
    return node("Transpose", pixels, perm=[0, 3, 1, 2])


def _biases(layer: UpsamplingConvolution, height: Tensor, width: Tensor) -> Tensor:
    """Return what both biases add to the composed convolution, at every corner of the grid.

    The bias of the transposed convolution acts as a channel of ones with a kernel of its own: it
    ends where the image does.
    """
    _, transposed_bias, kernel, bias = layer.get_weights()
    spread = np.broadcast_to(transposed_bias[:, np.newaxis], (2, 2, len(transposed_bias), 1))
    weights = _onnx_kernel(composed_kernel(spread, kernel))
    ones = node("Expand", 1.0, vector(1, 1, height, width))
    return node("Conv", ones, weights, np.tile(bias, 4), pads=_PADS)


def _channels_last(images: Tensor) -> Tensor:
    return node("Transpose", images, perm=[0, 2, 3, 1])


def _onnx_kernel(kernel: Any) -> np.ndarray:
    """Return a kernel (y, x, input, output) as (output, input, y, x)."""
    return np.ascontiguousarray(tf.convert_to_tensor(kernel).numpy().transpose(3, 2, 0, 1))
