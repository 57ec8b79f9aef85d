"""The two networks of the hierarchy: from the image to contexts, from latents to the signal.

Level 0 is the finest; level l has a place in every 2^(l+1) × 2^(l+1) pixels. Shapes are
(batch, y, x, channel) throughout. Intensities are normalised.
"""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import tensorflow as tf

from divnoising_tf.models.hierarchical.layers import (
    BlockInitializer,
    ResidualBlock,
    convolution,
    doubled,
)
from divnoising_tf.models.layers.heads import Head

ChooseLatent = Callable[[int, tf.Tensor | None], tf.Tensor]
"""Makes the latents of a level from its number and from what comes from above, None at the top."""


@keras.saving.register_keras_serializable("divnoising_tf")
class BottomUpLevel(keras.layers.Layer):
    """A convolution onto the level's grid, a residual block, and the context of the level.

    The context is the image's share in mean and log-variance of the posterior: one convolution of
    features from below and from above is the sum of two, and this one is needed once per image.
    It is float32 under any dtype policy. The log-variance's half of the kernel begins at 0.

    Args:
        channels: of the features.
        latent_channels: of the level.
        stride: 2 from a finer level on; 1 for the finest.
    """

    def __init__(self, channels: int, latent_channels: int, stride: int, **kwargs: Any):
        super().__init__(**kwargs)
        self.channels = channels
        self.latent_channels = latent_channels
        self.stride = stride
        self.entry = convolution(channels, 3, self.dtype_policy, stride)
        self.block = ResidualBlock(channels, dtype=self.dtype_policy)
        self.context = Head(2 * latent_channels, BlockInitializer(blocks=2, block=0))

    def build(self, input_shape: Any) -> None:
        """Create the weights for the number of channels of `input_shape`."""
        shape = (None, None, None, self.channels)
        self.entry.build(input_shape)
        self.block.build(shape)
        self.context.build(shape)

    def call(self, features: Any) -> tuple[tf.Tensor, tf.Tensor]:
        """Return the features of this level and its context, from those of the level below."""
        features = self.block(self.entry(features))
        return features, self.context(features)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {
            **super().get_config(),
            "channels": self.channels,
            "latent_channels": self.latent_channels,
            "stride": self.stride,
        }


@keras.saving.register_keras_serializable("divnoising_tf")
class BottomUp(keras.layers.Layer):
    """The contexts of all levels from a normalised image.

    Pixels become channels (space to depth), so that all convolutions work at half the size.

    Args:
        level_channels: features of every level, the finest first.
        latent_channels: of every level.

    Example:
        >>> contexts = BottomUp((8, 12), (2, 3))(tf.zeros((1, 16, 24, 1)))
        >>> [tuple(context.shape) for context in contexts]
        [(1, 8, 12, 4), (1, 4, 6, 6)]
    """

    def __init__(
        self, level_channels: Sequence[int], latent_channels: Sequence[int], **kwargs: Any
    ):
        super().__init__(**kwargs)
        self.level_channels = tuple(level_channels)
        self.latent_channels = tuple(latent_channels)
        self.levels = [
            BottomUpLevel(channels, latents, 1 if number == 0 else 2, dtype=self.dtype_policy)
            for number, (channels, latents) in enumerate(
                zip(self.level_channels, self.latent_channels, strict=True)
            )
        ]

    def build(self, input_shape: Any) -> None:
        """Create the weights for the number of channels of `input_shape`."""
        shape = (None, None, None, 4 * input_shape[-1])
        for level in self.levels:
            level.build(shape)
            shape = (None, None, None, level.channels)

    def call(self, images: Any) -> tuple[tf.Tensor, ...]:
        """Return the contexts, each (batch, rows, columns, 2 × latent channel), float32.

        Args:
            images: normalised; y and x are multiples of the coarsest stride.
        """
        features = tf.nn.space_to_depth(images, 2)
        contexts = []
        for level in self.levels:
            features, context = level(features)
            contexts.append(context)
        return tuple(contexts)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {
            **super().get_config(),
            "level_channels": list(self.level_channels),
            "latent_channels": list(self.latent_channels),
        }


@keras.saving.register_keras_serializable("divnoising_tf")
class TopDownLevel(keras.layers.Layer):
    """The layers of a level on the way down; `TopDown` says in what order they are used.

    `above` gives four blocks of latent channels, float32: mean and log-variance of the prior, and
    the share of what comes from above in those of the posterior. All but the third begin at 0, so
    that every prior begins as a standard normal distribution.

    Args:
        channels: of the features.
        latent_channels: of the level.
        is_top: nothing comes from above.
    """

    def __init__(self, channels: int, latent_channels: int, is_top: bool, **kwargs: Any):
        super().__init__(**kwargs)
        self.channels = channels
        self.latent_channels = latent_channels
        self.is_top = is_top
        if not is_top:
            self.ascent = convolution(channels, 1, self.dtype_policy)
            self.above = Head(4 * latent_channels, BlockInitializer(blocks=4, block=2))
        # the ascent has a bias for both; TensorFlow's remapper stumbles over a second one
        self.latent = convolution(channels, 1, self.dtype_policy, use_bias=is_top)
        self.block = ResidualBlock(channels, dtype=self.dtype_policy)

    def build(self, input_shape: Any) -> None:
        """Create the weights; `input_shape` is that of the features above, None at the top."""
        shape = (None, None, None, self.channels)
        if not self.is_top:
            self.ascent.build(input_shape)
            self.above.build(shape)
        self.latent.build((None, None, None, self.latent_channels))
        self.block.build(shape)
        self.built = True

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {
            **super().get_config(),
            "channels": self.channels,
            "latent_channels": self.latent_channels,
            "is_top": self.is_top,
        }


@keras.saving.register_keras_serializable("divnoising_tf")
class TopDown(keras.layers.Layer):
    """The signal, normalised, from latents that are chosen level by level, the coarsest first.

    Args:
        level_channels: features of every level, the finest first.
        latent_channels: of every level.
        channels: of the image.

    Example:
        >>> network = TopDown((8, 12), (2, 3))
        >>> network.build(None)
        >>> shapes = [(1, 8, 12, 2), (1, 4, 6, 3)]
        >>> tuple(network.descend(lambda level, above: tf.zeros(shapes[level])).shape)
        (1, 16, 24, 1)
    """

    def __init__(
        self,
        level_channels: Sequence[int],
        latent_channels: Sequence[int],
        channels: int = 1,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.level_channels = tuple(level_channels)
        self.latent_channels = tuple(latent_channels)
        self.channels = channels
        top = len(self.level_channels) - 1
        self.levels = [
            TopDownLevel(features, latents, number == top, dtype=self.dtype_policy)
            for number, (features, latents) in enumerate(
                zip(self.level_channels, self.latent_channels, strict=True)
            )
        ]
        self.image = Head(4 * channels)

    def build(self, input_shape: Any) -> None:
        """Create the weights; the arguments of the constructor say all sizes."""
        shape = None
        for level in reversed(self.levels):
            level.build(shape)
            shape = (None, None, None, level.channels)
        self.image.build(shape)
        self.built = True

    def descend(self, choose: ChooseLatent) -> tf.Tensor:
        """Return the signal of the latents that a function chooses.

        Args:
            choose: gets the number of a level and what its layer `above` gives, (batch, rows,
                columns, 4 × latent channel), None at the top; returns the level's latents.

        Returns:
            (batch, y, x, channel), float32.
        """
        features = None
        for number, level in reversed(list(enumerate(self.levels))):
            above = None
            if features is not None:
                features = doubled(level.ascent(features))
                above = level.above(tf.nn.relu(features))
            told = level.latent(choose(number, above))
            features = level.block(told if features is None else features + told)
        return tf.nn.depth_to_space(self.image(features), 2)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {
            **super().get_config(),
            "level_channels": list(self.level_channels),
            "latent_channels": list(self.latent_channels),
            "channels": self.channels,
        }
