"""The encoder's last convolutions: float32 results from the features of a faster format."""

from typing import Any

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("divnoising_tf")
class Head(keras.layers.Conv2D):
    """A 3×3 convolution without activation, float32; its gradients as precise as its input.

    Mean and log-variance of q(z|x) must not be rounded: the KL divergence is made of them. Their
    gradients end in bfloat16 anyway where the features before are bfloat16, so in training they
    are computed in it, which takes half the time.

    Args:
        filters: output channels.
        kernel_initializer: a Keras initialiser's name.
        bias: of all channels at the beginning.

    Example:
        >>> Head(8)(tf.zeros((1, 5, 7, 4), tf.bfloat16)).dtype
        tf.float32
    """

    def __init__(
        self,
        filters: int,
        kernel_initializer: str = "glorot_uniform",
        bias: float = 0.0,
        **kwargs: Any,
    ):
        # the input keeps its format: that of its gradients
        kwargs |= {"dtype": "float32", "autocast": False}
        super().__init__(
            filters,
            3,
            padding="same",
            data_format="channels_last",
            kernel_initializer=kernel_initializer,
            bias_initializer=keras.initializers.Constant(bias),
            **kwargs,
        )
        self.initial_bias = bias

    def call(self, inputs: Any, training: bool = False) -> tf.Tensor:
        """Return what q(z|x) is made of; it is the same in training.

        Args:
            inputs: features, (batch, y, x, channel), without units, bfloat16 or float32.
            training: whether gradients are taken in the inputs' format.

        Returns:
            (batch, y, x, filters), float32, without units: latents have those of the prior.
        """
        if training and inputs.dtype == tf.bfloat16:
            kernel = tf.convert_to_tensor(self.kernel)
            return _convolution_in_training(inputs, kernel) + self.bias
        return super().call(tf.cast(inputs, tf.float32))

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {
            "name": self.name,
            "trainable": self.trainable,
            "filters": self.filters,
            "kernel_initializer": keras.saving.serialize_keras_object(self.kernel_initializer),
            "bias": self.initial_bias,
        }


@tf.custom_gradient
def _convolution_in_training(features: tf.Tensor, kernel: tf.Tensor) -> tuple[tf.Tensor, Any]:
    """Convolve bfloat16 features with a float32 kernel, with gradients from bfloat16 products."""

    def gradients(upstream: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        upstream = tf.cast(upstream, features.dtype)
        steps = {"out_backprop": upstream, "strides": [1, 1, 1, 1], "padding": "SAME"}
        of_features = tf.raw_ops.Conv2DBackpropInput(
            input_sizes=tf.shape(features), filter=tf.cast(kernel, features.dtype), **steps
        )
        of_kernel = tf.raw_ops.Conv2DBackpropFilter(
            input=features, filter_sizes=tf.shape(kernel), **steps
        )
        return of_features, tf.cast(of_kernel, kernel.dtype)

    return tf.nn.conv2d(tf.cast(features, kernel.dtype), kernel, 1, "SAME"), gradients
