"""What the networks of the hierarchy are built of."""

from typing import Any

import keras
import tensorflow as tf


def convolution(
    filters: int,
    size: int,
    dtype: Any,
    stride: int = 1,
    activation: str | None = None,
    use_bias: bool = True,
) -> keras.layers.Conv2D:
    """Return a convolution, zero padded.

    With a stride of 2 it is meant for even sizes: a place then reads its own 2×2 places and one
    more row below and column to the right of them, at every border of an image or a tile. The
    zeros are behind the image alone.

    Args:
        filters: output channels.
        size: of the kernel, places.
        dtype: Keras dtype policy.
        stride: places of the input for one of the output, along each axis.
        activation: a Keras activation's name.
        use_bias: whether a number is added to every channel.
    """
    return keras.layers.Conv2D(
        filters,
        size,
        strides=stride,
        padding="same",
        # whatever the user's own Keras settings say
        data_format="channels_last",
        activation=activation,
        use_bias=use_bias,
        dtype=dtype,
    )


@keras.saving.register_keras_serializable("divnoising_tf")
class ResidualBlock(keras.layers.Layer):
    """Features and what ReLU, 3×3, ReLU, 3×3 make of them, added.

    Args:
        channels: of input and output.

    Example:
        >>> tuple(ResidualBlock(8)(tf.zeros((1, 5, 7, 8))).shape)
        (1, 5, 7, 8)
    """

    def __init__(self, channels: int, **kwargs: Any):
        super().__init__(**kwargs)
        self.channels = channels
        self.first = convolution(channels, 3, self.dtype_policy, activation="relu")
        self.second = convolution(channels, 3, self.dtype_policy)

    def build(self, input_shape: Any) -> None:
        """Create the weights."""
        self.first.build(input_shape)
        self.second.build(input_shape)

    def call(self, features: Any) -> tf.Tensor:
        """Return features of the same shape."""
        return features + self.second(self.first(tf.nn.relu(features)))

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {**super().get_config(), "channels": self.channels}


@keras.saving.register_keras_serializable("divnoising_tf")
class BlockInitializer(keras.initializers.Initializer):
    """Kernels that are random for one block of the output channels and 0 for the others.

    Args:
        blocks: into which the output channels are divided, equally large.
        block: number of the random one, as of `GlorotUniform`.

    Example:
        >>> kernel = BlockInitializer(blocks=2, block=0)((3, 3, 5, 4))
        >>> [bool(tf.reduce_any(half != 0)) for half in tf.split(kernel, 2, axis=-1)]
        [True, False]
    """

    def __init__(self, blocks: int, block: int):
        self.blocks = blocks
        self.block = block

    def __call__(self, shape: Any, dtype: Any = None) -> tf.Tensor:
        """Return a kernel of shape (rows, columns, inputs, outputs)."""
        one = (*shape[:-1], shape[-1] // self.blocks)
        random = keras.initializers.GlorotUniform()(one, dtype)
        kernels = [tf.zeros_like(random)] * self.blocks
        kernels[self.block] = random
        return tf.concat(kernels, axis=-1)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {"blocks": self.blocks, "block": self.block}


def doubled(features: tf.Tensor) -> tf.Tensor:
    """Return features of twice the size: every place becomes 2×2 of the same values.

    Channels, and then whole rows, stand beside each other twice: both are copied in one piece, and
    the gradients are sums of slices.

    Args:
        features: (batch, y, x, channel).

    Example:
        >>> doubled(tf.reshape([1.0, 2.0], (1, 1, 2, 1)))[0, :, :, 0].numpy()
        array([[1., 1., 2., 2.],
               [1., 1., 2., 2.]], dtype=float32)
    """
    shape = tf.shape(features)
    height, width, channels = shape[1], shape[2], features.shape[3]
    rows = tf.reshape(tf.concat([features, features], axis=3), (-1, height, 2 * width * channels))
    twice = tf.concat([rows, rows], axis=2)
    return tf.reshape(twice, (-1, 2 * height, 2 * width, channels))
