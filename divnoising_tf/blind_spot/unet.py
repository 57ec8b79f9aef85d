"""What the denoisers with a U-Net share: network, data's statistics, padding to any size."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from divnoising_tf.data.axes import to_planes
from divnoising_tf.data.checks import check_values
from divnoising_tf.errors import InputError
from divnoising_tf.models.checks import check_architecture
from divnoising_tf.models.configuration import deserialised
from divnoising_tf.models.layers.upsampling import UpsamplingConvolution
from divnoising_tf.models.normalisation import Normalisation
from divnoising_tf.models.padding import pad_to_multiple
from divnoising_tf.models.saved_weights import SealedModel, check_finite
from divnoising_tf.noise_models.outliers import warn_of_training


class UNetDenoiser(SealedModel):
    """A small U-Net from counts to counts; a subclass says what it learns from.

    Input and output are in counts, normalised inside by the training data's mean and standard
    deviation, which belong to the model. A subclass overrides `compute_loss`, and `call` where
    the output of the network is not the signal.

    Args:
        depth: levels of the U-Net below the first, each of half the resolution.
        base_channels: channels of the first level; they double from level to level.
        seed: of the initial weights, and of what else is random in training.
        outputs: numbers that the network gives for each pixel.
    """

    def __init__(
        self,
        depth: int = 2,
        base_channels: int = 16,
        seed: int = 0,
        outputs: int = 1,
        **kwargs: Any,
    ):
        # counts must not be rounded to bfloat16 on their way in
        kwargs["autocast"] = False
        super().__init__(**kwargs)
        check_architecture(depth=depth, base_channels=base_channels, outputs=outputs)
        self.depth = depth
        self.base_channels = base_channels
        self.seed = int(seed)
        # Keras then leaves XLA alone, which makes training on a processor slower
        self.supports_jit = False
        self.normalisation = Normalisation(1)
        # one generator for all kernels, otherwise those of the same shape would be equal
        self._seed_generator = keras.random.SeedGenerator(self.seed)
        # the first level is the finest
        self._descent = [self._two_convolutions(level) for level in range(depth + 1)]
        self._upsampling = [self._upsampling_to(level) for level in range(depth)]
        self._ascent = [self._convolution(base_channels * 2**level) for level in range(depth)]
        self._last = self._convolution(outputs, size=1, activation=None, dtype="float32")
        self._pooling = keras.layers.MaxPooling2D(
            2, data_format="channels_last", dtype=self.dtype_policy
        )
        self.build((None, None, None, 1))
        # one trace for images of all sizes
        self._denoise_any_size = tf.function(
            self._denoise_padded,
            input_signature=[tf.TensorSpec((None, None, None, 1), tf.float32)],
            autograph=False,
        )

    @property
    def multiple(self) -> int:
        """What image sizes are padded to a multiple of: 2^depth pixels."""
        return int(2**self.depth)

    def build(self, input_shape: Any) -> None:
        """Create the weights; the constructor does it."""
        if not self._last.built:
            self._network(keras.KerasTensor((None, None, None, 1)))
        self.built = True

    def adapt(self, images: Any) -> None:
        """Measure mean, standard deviation and bounds of the images, and keep them in the model.

        Isolated pixels, far out of what the others vary by, are left out, with a warning.

        Args:
            images: array (n, y, x) or (n, y, x, 1), or a `tf.data.Dataset` of batches; counts.

        Raises:
            InputError: the images hold NaN or infinity, or are all equal.
        """
        found = self.normalisation.adapt(images)
        if found.outliers is not None:
            warn_of_training({"training images": found.outliers}, 1, found.bounds)

    def fit(self, x: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Train as any Keras model; measures the data's mean and standard deviation first.

        Args:
            x: noisy images in counts: a `tf.data.Dataset` of batches (batch, y, x, 1), as
                `divnoising_tf.data.patches` makes, or an array (n, y, x) or (n, y, x, 1); y and
                x multiples of 2^depth.
            *args: as for `keras.Model.fit`.
            **kwargs: as for `keras.Model.fit`.

        Returns:
            The Keras history.
        """
        if isinstance(x, np.ndarray) and x.ndim == 3:
            x = x[..., np.newaxis]
        if not self.normalisation.adapted:
            self.adapt(x)
        if isinstance(x, tf.data.Dataset):
            # a data set shuffles itself; Keras warns about its own default otherwise
            kwargs.setdefault("shuffle", False)
        return super().fit(x, *args, **kwargs)

    def call(self, images: Any, training: bool = False) -> Any:
        """Denoise images.

        Args:
            images: (batch, y, x, 1), counts; y and x multiples of 2^depth.
            training: not used.

        Returns:
            The signal in counts, of the shape of `images`.
        """
        return self.normalisation.invert(self._network(self._shown(images)))

    def denoise(self, image: Any) -> np.ndarray:
        """Return the denoised image.

        Args:
            image: (y, x) or a stack (n, y, x), counts, any size from one pixel on.

        Returns:
            float32 array of the shape of `image`, counts.

        Raises:
            InputError: the image cannot be used, or the denoiser has not been trained.
        """
        if not self.normalisation.adapted:
            raise InputError(
                "The denoiser has not been trained: the mean of its data is not known.",
                repr(self.name),
                "Call fit first.",
            )
        check_finite(self.weights)
        image = np.asarray(image)
        check_values(image)
        planes = to_planes(image)
        denoised = np.empty(planes.array.shape, np.float32)
        for plane, result in zip(planes.array, denoised, strict=True):
            result[...] = self._denoise_any_size(plane[np.newaxis].astype(np.float32))[0]
        return planes.restore(denoised)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments; the data's statistics travel as weights."""
        return {
            "name": self.name,
            "trainable": self.trainable,
            "dtype": keras.saving.serialize_keras_object(self.dtype_policy),
            "depth": self.depth,
            "base_channels": self.base_channels,
            "seed": self.seed,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "UNetDenoiser":
        """Rebuild a denoiser from `get_config`."""
        return cls(**deserialised(config, "dtype"))

    def _denoise_padded(self, images: tf.Tensor) -> tf.Tensor:
        shape = tf.shape(images)
        denoised = self(pad_to_multiple(images, self.multiple), training=False)
        return denoised[:, : shape[1], : shape[2], :]

    def _shown(self, images: Any) -> tf.Tensor:
        """Return what the network sees: normalised, hot pixels at the bound."""
        return self.normalisation.apply(self.normalisation.bounded(images))

    def _network(self, normalised: Any) -> Any:
        return self._last(self._features(normalised))

    def _features(self, features: Any) -> Any:
        """Return what the last convolution, of one pixel, is applied to."""
        kept = []
        for convolutions in self._descent[:-1]:
            features = convolutions(features)
            kept.append(features)
            features = self._pooling(features)
        features = self._descent[-1](features)
        for level in reversed(range(self.depth)):
            features = self._upsampling[level](features)
            features = keras.ops.concatenate([features, kept[level]], axis=-1)
            features = self._ascent[level](features)
        return features

    def _two_convolutions(self, level: int) -> keras.Sequential:
        channels = self.base_channels * 2**level
        return keras.Sequential([self._convolution(channels) for _ in range(2)])

    def _upsampling_to(self, level: int) -> UpsamplingConvolution:
        return UpsamplingConvolution(
            self.base_channels * 2**level,
            activation="relu",
            kernel_initializer=self._initializer(),
            dtype=self.dtype_policy,
        )

    def _convolution(
        self, channels: int, size: int = 3, activation: str | None = "relu", dtype: Any = None
    ) -> keras.layers.Conv2D:
        return keras.layers.Conv2D(
            channels,
            size,
            padding="same",
            # whatever the user's own Keras settings say
            data_format="channels_last",
            activation=activation,
            kernel_initializer=self._initializer(),
            dtype=dtype or self.dtype_policy,
        )

    def _initializer(self) -> keras.initializers.Initializer:
        return keras.initializers.GlorotUniform(seed=self._seed_generator)
