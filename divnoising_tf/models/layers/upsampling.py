"""Upsampling by a transposed convolution and a convolution, computed as one."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf


@keras.saving.register_keras_serializable("divnoising_tf")
class UpsamplingConvolution(keras.layers.Layer):
    """A 2×2 transposed convolution of stride 2, then a 3×3 convolution, zero padded.

    There is no activation in between, so the two are one linear map. It is computed at the low
    resolution: an output pixel depends on 2×2 input pixels only, so a 2×2 convolution gives the
    four output pixels around each corner of the input's grid, and `depth_to_space` sets them in
    place. That needs less than half the arithmetic of the two steps, and no intermediate image.
    The weights stay those of the two steps, and so does the result, borders included: the bias
    of the transposed convolution ends where the zero padding of the second step begins.

    Args:
        filters: output channels; the transposed convolution keeps the input's.
        activation: applied to the result, a Keras activation's name.
        kernel_initializer: of both kernels, a Keras initialiser's name.

    Example:
        >>> tuple(UpsamplingConvolution(16)(tf.zeros((1, 5, 7, 32))).shape)
        (1, 10, 14, 16)
    """

    def __init__(
        self,
        filters: int,
        activation: str | None = None,
        kernel_initializer: str = "glorot_uniform",
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.filters = filters
        self.activation = activation
        self.kernel_initializer = kernel_initializer

    def build(self, input_shape: Any) -> None:
        """Create the weights of both steps."""
        inner = input_shape[-1]
        initializer = self.kernel_initializer
        self.transposed_kernel = self.add_weight(
            name="transposed_kernel", shape=(2, 2, inner, inner), initializer=initializer
        )
        self.transposed_bias = self.add_weight(
            name="transposed_bias", shape=(inner,), initializer="zeros"
        )
        self.kernel = self.add_weight(
            name="kernel", shape=(3, 3, inner, self.filters), initializer=initializer
        )
        self.bias = self.add_weight(name="bias", shape=(self.filters,), initializer="zeros")

    def call(self, inputs: Any, training: bool = False) -> tf.Tensor:
        """Map (batch, y, x, channel) to (batch, 2 y, 2 x, filters).

        The result is the same in training; only its gradients are then computed in another way,
        which exported graphs need not know.
        """
        inputs = tf.cast(inputs, self.compute_dtype)
        kernel = composed_kernel(
            tf.convert_to_tensor(self.transposed_kernel), tf.convert_to_tensor(self.kernel)
        )
        upsample = _upsample_in_training if training else _upsample
        outputs = upsample(inputs, tf.cast(kernel, self.compute_dtype))
        shape = tf.shape(outputs)
        outputs = outputs + self._bias_image(shape[1], shape[2])
        return keras.activations.get(self.activation)(outputs)

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        """Return the shape of the result."""
        batch, height, width, _ = input_shape
        doubled = [None if size is None else 2 * size for size in (height, width)]
        return (batch, *doubled, self.filters)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {
            **super().get_config(),
            "filters": self.filters,
            "activation": self.activation,
            "kernel_initializer": self.kernel_initializer,
        }

    def _bias_image(self, height: Any, width: Any) -> tf.Tensor:
        """Bias of the result, (y, x, filters): both biases, without the taps beyond the border."""
        taps = tf.einsum(
            "uvmo,m->uvo",
            tf.convert_to_tensor(self.kernel),
            tf.convert_to_tensor(self.transposed_bias),
        )
        # taps inside the image for a pixel at the first, an inner, and the last place
        inside = tf.constant([[0.0, 1.0, 1.0], [1.0, 1.0, 1.0], [1.0, 1.0, 0.0]], taps.dtype)
        table = tf.einsum("ru,cv,uvo->rco", inside, inside, taps) + self.bias
        table = tf.cast(table, self.compute_dtype)
        return tf.gather(
            tf.gather(table, _border_index(height), axis=0), _border_index(width), axis=1
        )


def _upsample(inputs: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
    """Apply a kernel of `composed_kernel`: (batch, y, x, channel) to (batch, 2 y, 2 x, filters)."""
    padded = tf.pad(inputs, ((0, 0), (1, 1), (1, 1), (0, 0)))
    corners = tf.nn.conv2d(padded, kernel, 1, "VALID")
    return tf.nn.depth_to_space(corners, 2)[:, 1:-1, 1:-1, :]


@tf.custom_gradient
def _upsample_in_training(inputs: tf.Tensor, kernel: tf.Tensor) -> tuple[tf.Tensor, Any]:
    """Return `_upsample`, with gradients that need no rearranged image.

    Seen from the output it is a transposed convolution of stride 2, and the gradients of that are
    one strided convolution each.
    """

    def gradients(upstream: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        strided = strided_kernel(kernel)
        of_inputs = tf.nn.conv2d(upstream, strided, 2, "SAME")
        of_kernel = tf.raw_ops.Conv2DBackpropFilter(
            input=upstream,
            filter_sizes=tf.shape(strided),
            out_backprop=inputs,
            strides=[1, 2, 2, 1],
            padding="SAME",
        )
        return of_inputs, _corner_kernel(of_kernel)

    return _upsample(inputs, kernel), gradients


def _border_index(size: Any) -> tf.Tensor:
    place = tf.range(size)
    return 1 - tf.cast(place < 1, tf.int32) + tf.cast(place >= size - 1, tf.int32)


def composed_kernel(transposed: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
    """Return the 2×2 kernel of both steps at once, before `depth_to_space`.

    Seen from a corner of the input's grid, output pixels and tap offsets count along one axis of
    the upsampled image. The two output pixels beside the corner lie at -1 and 0; a 3×3 tap u in
    {-1, 0, 1} reads position `pixel + u` in -2..1, which belongs to the input before the corner
    (-2, -1) or behind it (0, 1), sub-pixel (pixel + u) mod 2.

    Args:
        transposed: of the transposed convolution, (2, 2, inner, input).
        kernel: of the convolution, (3, 3, inner, filters).

    Returns:
        float32 (2, 2, input, 4 × filters).
    """
    taps = tf.einsum("stmi,uvmo->stuvio", transposed, kernel)
    place = tf.constant(_PLACES, taps.dtype)
    rows = tf.einsum("npsu,stuvio->nptvio", place, taps)
    corners = tf.einsum("mqtv,nptvio->nmipqo", place, rows)
    return tf.reshape(corners, (2, 2, transposed.shape[3], 4 * kernel.shape[3]))


def _places() -> np.ndarray:
    """Return 1 where an output pixel finds a tap, (near, pixel, sub-pixel, tap), along one axis.

    As one constant to multiply with: sums of single taps would cost their gradients as much time
    as a convolution.
    """
    places = np.zeros((2, 2, 2, 3), np.float32)
    for pixel in (-1, 0):
        for tap in (-1, 0, 1):
            position = pixel + tap
            places[int(position >= 0), pixel + 1, position % 2, tap + 1] = 1
    return places


_PLACES = _places()


def strided_kernel(kernel: tf.Tensor) -> tf.Tensor:
    """Return the 4×4 kernel of the transposed convolution of stride 2 that is the same map.

    Around an input pixel lie the corners behind it and before it, two along each axis, in this
    order; around each corner two output pixels.

    Args:
        kernel: of `composed_kernel`, (2, 2, input, 4 × filters).

    Returns:
        (4, 4, filters, input), as `tf.nn.conv2d_transpose` takes it.
    """
    inner, filters = kernel.shape[2], kernel.shape[3] // 4
    pixels = tf.reverse(tf.reshape(kernel, (2, 2, inner, 2, 2, filters)), (0, 1))
    return tf.reshape(tf.transpose(pixels, (0, 3, 1, 4, 5, 2)), (4, 4, filters, inner))


def _corner_kernel(strided: tf.Tensor) -> tf.Tensor:
    """Undo `strided_kernel`."""
    filters, inner = strided.shape[2:]
    pixels = tf.reshape(strided, (2, 2, 2, 2, filters, inner))
    pixels = tf.reverse(tf.transpose(pixels, (0, 2, 5, 1, 3, 4)), (0, 1))
    return tf.reshape(pixels, (2, 2, inner, 4 * filters))
