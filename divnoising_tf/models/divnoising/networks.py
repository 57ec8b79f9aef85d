"""The two networks of the VAE: encoder q(z|x) and decoder g(z), fully convolutional.

Both see normalised intensities. At depth D the latents lie on a grid 2^D times coarser than the
image. Shapes are (batch, y, x, channel) throughout.
"""

from typing import Any

import keras
import tensorflow as tf

from divnoising_tf.models.latents import INITIAL_LOG_VARIANCE, LOG_VARIANCE_RANGE
from divnoising_tf.models.layers.heads import Head
from divnoising_tf.models.layers.layer_group import LayerGroup, group_of_levels
from divnoising_tf.models.layers.upsampling import UpsamplingConvolution


@keras.saving.register_keras_serializable("divnoising_tf")
class Encoder(keras.layers.Layer):
    """Mean and log-variance of q(z|x) from a normalised image (Eq. 5 of the paper).

    Each level has two 3×3 convolutions with ReLU and a 2×2 max pooling; the channels double
    from level to level. Two 3×3 convolutions are the heads, float32 under any dtype policy. The
    log-variance begins at `initial_log_variance` everywhere.

    Args:
        depth: number of levels, at least 1.
        latent_channels: channels of z.
        base_channels: channels of the first level.
        kernel_initializer: of all convolutions, a Keras initialiser's name.
        initial_log_variance: natural logarithm of the variance of q(z|x) at the beginning.

    Example:
        >>> mean, log_variance = Encoder(depth=2, latent_channels=8)(tf.zeros((1, 32, 48, 1)))
        >>> tuple(mean.shape)
        (1, 8, 12, 8)
    """

    def __init__(
        self,
        depth: int = 2,
        latent_channels: int = 64,
        base_channels: int = 32,
        kernel_initializer: str = "glorot_uniform",
        initial_log_variance: float = INITIAL_LOG_VARIANCE,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.depth = depth
        self.latent_channels = latent_channels
        self.base_channels = base_channels
        self.kernel_initializer = kernel_initializer
        self.initial_log_variance = initial_log_variance
        levels = []
        for level in range(depth):
            filters = base_channels * 2**level
            first = _convolution(filters, kernel_initializer, self.dtype_policy)
            second = _convolution(filters, kernel_initializer, self.dtype_policy, activation=None)
            pooling = keras.layers.MaxPooling2D(
                2, data_format="channels_last", dtype=self.dtype_policy
            )
            levels.append(
                LayerGroup({"conv2d": first, "conv2d_1": second, "max_pooling2d": pooling})
            )
        self._levels = group_of_levels(levels)
        self._mean = Head(latent_channels, kernel_initializer)
        self._log_variance = Head(latent_channels, "zeros", initial_log_variance)

    def build(self, input_shape: Any) -> None:
        """Create the weights for the number of channels of `input_shape`."""
        shape = input_shape
        for first, second, pooling in self._levels:
            first.build(shape)
            second.build(shape := first.compute_output_shape(shape))
            shape = pooling.compute_output_shape(second.compute_output_shape(shape))
        self._mean.build(shape)
        self._log_variance.build(shape)

    def call(self, image: Any) -> tuple[tf.Tensor, tf.Tensor]:
        """Encode normalised images.

        Args:
            image: (batch, y, x, channel), normalised; y and x multiples of 2^depth.

        Returns:
            Mean and log-variance of z, each (batch, y / 2^depth, x / 2^depth, latent channel).
        """
        features = image
        for first, second, pooling in self._levels:
            # the ReLU of the second: it may come after the maximum, where it has a quarter to do
            features = tf.nn.relu(pooling(second(first(features))))
        log_variance = tf.clip_by_value(self._log_variance(features), *LOG_VARIANCE_RANGE)
        return self._mean(features), log_variance

    def convolutions(self) -> tuple[list[tuple[Any, ...]], tuple[Any, Any]]:
        """Return the layers, for those who run them elsewhere.

        Returns:
            Per level its two convolutions, whose second has its ReLU after the pooling, and the
            heads of mean and log-variance, which have none.
        """
        return [pair for *pair, _ in self._levels], (self._mean, self._log_variance)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {
            **super().get_config(),
            "depth": self.depth,
            "latent_channels": self.latent_channels,
            "base_channels": self.base_channels,
            "kernel_initializer": self.kernel_initializer,
            "initial_log_variance": self.initial_log_variance,
        }


@keras.saving.register_keras_serializable("divnoising_tf")
class Decoder(keras.layers.Layer):
    """The signal g(z), normalised, from a latent z: the encoder mirrored.

    Each level has two 3×3 convolutions with ReLU and a 2×2 transposed convolution without
    activation; a last 3×3 convolution gives the image. Every transposed convolution and the
    convolution after it form one `UpsamplingConvolution`. The last one is float32 under any
    dtype policy.

    Args:
        depth: number of levels, at least 1.
        channels: channels of the image.
        base_channels: channels of the last level.
        kernel_initializer: of all convolutions, a Keras initialiser's name.

    Example:
        >>> tuple(Decoder(depth=2)(tf.zeros((1, 8, 12, 64))).shape)
        (1, 32, 48, 1)
    """

    def __init__(
        self,
        depth: int = 2,
        channels: int = 1,
        base_channels: int = 32,
        kernel_initializer: str = "glorot_uniform",
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.depth = depth
        self.channels = channels
        self.base_channels = base_channels
        self.kernel_initializer = kernel_initializer
        deepest = base_channels * 2 ** (depth - 1)
        self._entry = _convolution(deepest, kernel_initializer, self.dtype_policy)
        levels = []
        for level in reversed(range(depth)):
            filters = base_channels * 2**level
            last = level == 0
            convolution = _convolution(filters, kernel_initializer, self.dtype_policy)
            upsampling = UpsamplingConvolution(
                channels if last else filters // 2,
                activation=None if last else "relu",
                kernel_initializer=kernel_initializer,
                dtype="float32" if last else self.dtype_policy,
            )
            levels.append(LayerGroup({"conv2d": convolution, "upsampling_convolution": upsampling}))
        self._levels = group_of_levels(levels)

    def build(self, input_shape: Any) -> None:
        """Create the weights for the number of latent channels of `input_shape`."""
        self._entry.build(input_shape)
        shape = self._entry.compute_output_shape(input_shape)
        for convolution, upsampling in self._levels:
            convolution.build(shape)
            upsampling.build(shape := convolution.compute_output_shape(shape))
            shape = upsampling.compute_output_shape(shape)

    def call(self, latent: Any) -> tf.Tensor:
        """Decode latents of shape (batch, y / 2^depth, x / 2^depth, latent channel)."""
        features = self._entry(latent)
        for convolution, upsampling in self._levels:
            features = upsampling(convolution(features))
        return features

    def convolutions(self) -> tuple[Any, list[tuple[Any, ...]]]:
        """Return the layers, for those who run them elsewhere.

        Returns:
            The first convolution, and per level a convolution and an `UpsamplingConvolution`.
        """
        return self._entry, [tuple(level) for level in self._levels]

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {
            **super().get_config(),
            "depth": self.depth,
            "channels": self.channels,
            "base_channels": self.base_channels,
            "kernel_initializer": self.kernel_initializer,
        }


def _convolution(
    filters: int, kernel_initializer: str, dtype: Any, activation: str | None = "relu"
) -> keras.layers.Conv2D:
    return keras.layers.Conv2D(
        filters,
        3,
        padding="same",
        # whatever the user's own Keras settings say
        data_format="channels_last",
        activation=activation,
        kernel_initializer=kernel_initializer,
        dtype=dtype,
    )
