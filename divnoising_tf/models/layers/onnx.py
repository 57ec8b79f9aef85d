"""Layers as ONNX nodes, with their weights as constants; shapes are (batch, channel, y, x)."""

from typing import Any

import numpy as np
import tensorflow as tf

from divnoising_tf.models.layers.upsampling import UpsamplingConvolution, composed_kernel
from divnoising_tf.onnx_nodes.nodes import Tensor, node, vector

_PADS = [1, 1, 1, 1]


def convolution(features: Tensor, layer: Any) -> Tensor:
    """Return a convolution without its activation, zero padded as Keras's "same".

    Args:
        features: (batch, channel, y, x); y and x are multiples of the layer's stride.
        layer: a Keras convolution, with or without a bias; kernel not smaller than the stride.
    """
    kernel, *bias = layer.get_weights()
    padding = [size - stride for size, stride in zip(kernel.shape, layer.strides, strict=False)]
    before = [one // 2 for one in padding]
    pads = [*before, *(one - first for one, first in zip(padding, before, strict=True))]
    weights = _onnx_kernel(kernel)
    return node("Conv", features, weights, *bias, pads=pads, strides=list(layer.strides))


def upsample(
    features: Tensor, layer: UpsamplingConvolution, height: Tensor, width: Tensor
) -> Tensor:
    """Return the layer's composed convolution, as in `UpsamplingConvolution.call`.

    Args:
        features: (batch, channel, y, x).
        layer: its weights become constants.
        height: rows of the features, int64 scalar.
        width: their columns, likewise.

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
