"""The data's mean and standard deviation, measured once and saved with the model."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from divnoising_tf.errors import InputError

# random batches of patches this many settle mean and standard deviation to well under 1 %
_MAX_BATCHES = 64


@keras.saving.register_keras_serializable("divnoising_tf")
class Normalisation(keras.layers.Layer):
    """Turns counts into normalised intensities and back, per channel.

    Args:
        channels: channels of the images.

    Example:
        >>> layer = Normalisation(1)
        >>> layer.set(mean=100.0, standard_deviation=20.0)
        >>> float(layer.apply(tf.constant([[[[120.0]]]]))[0, 0, 0, 0])
        1.0
    """

    def __init__(self, channels: int, **kwargs: Any):
        kwargs["dtype"] = "float32"
        super().__init__(**kwargs)
        self.channels = channels
        self._mean = self.add_weight(
            name="mean", shape=(channels,), initializer="zeros", trainable=False, autocast=False
        )
        # zero means: not measured yet
        self._standard_deviation = self.add_weight(
            name="standard_deviation",
            shape=(channels,),
            initializer="zeros",
            trainable=False,
            autocast=False,
        )
        self.built = True

    @property
    def adapted(self) -> bool:
        """Whether the statistics are known."""
        return bool(np.all(self._standard_deviation.numpy() > 0))

    @property
    def mean(self) -> np.ndarray:
        """Mean in counts, (channels,)."""
        return np.asarray(self._mean.numpy())

    @property
    def standard_deviation(self) -> np.ndarray:
        """Standard deviation in counts, (channels,)."""
        return np.asarray(self._standard_deviation.numpy())

    def set(self, mean: Any, standard_deviation: Any) -> None:
        """Set both, in counts, as one number or one per channel.

        Raises:
            InputError: a value is not finite, or a standard deviation is not positive.
        """
        mean, deviation = (
            np.broadcast_to(np.asarray(value, np.float32), (self.channels,))
            for value in (mean, standard_deviation)
        )
        if not (np.all(np.isfinite(mean)) and np.all(np.isfinite(deviation))):
            raise InputError(
                "The images hold NaN or infinity.",
                f"mean {mean}, standard deviation {deviation}",
                "Replace these pixels, or crop the images to their valid part.",
            )
        if np.any(deviation <= 0):
            raise InputError(
                "The images are constant: all pixels are equal.",
                f"mean {mean}, standard deviation {deviation}",
                "Check that the right files or channels were read.",
            )
        self._mean.assign(mean)
        self._standard_deviation.assign(deviation)

    def adapt(self, images: Any) -> None:
        """Measure both, see `DivNoising.adapt`."""
        count, total, squares = 0, np.zeros(self.channels), np.zeros(self.channels)
        for batch in _batches(images, self.channels):
            pixels = batch.reshape(-1, self.channels).astype(np.float64)
            count += len(pixels)
            total += pixels.sum(axis=0)
            squares += np.square(pixels).sum(axis=0)
        if count == 0:
            raise InputError("There are no images.", "0 pixels", "Give at least one image.")
        mean = total / count
        self.set(mean, np.sqrt(np.maximum(squares / count - mean**2, 0)))

    def apply(self, images: Any) -> tf.Tensor:
        """Return normalised intensities, float32, of counts (..., channel)."""
        deviation = tf.convert_to_tensor(self._standard_deviation)
        return (tf.cast(images, tf.float32) - self._mean) / deviation

    def invert(self, images: Any) -> tf.Tensor:
        """Return counts of normalised intensities (..., channel)."""
        return images * tf.convert_to_tensor(self._standard_deviation) + self._mean

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments; the statistics are weights."""
        return {**super().get_config(), "channels": self.channels}


def _batches(images: Any, channels: int) -> Any:
    if isinstance(images, tf.data.Dataset):
        for batch in images.take(_MAX_BATCHES):
            batch = batch[0] if isinstance(batch, tuple | list) else batch
            yield _with_channels(np.asarray(batch), channels)
    else:
        yield _with_channels(np.asarray(images), channels)


def _with_channels(images: np.ndarray, channels: int) -> np.ndarray:
    if channels == 1 and images.ndim == 3:
        images = images[..., np.newaxis]
    if images.ndim != 4 or images.shape[-1] != channels:
        raise InputError(
            "The images do not have the shape that the model expects.",
            f"shape {images.shape}",
            f"Give (image, y, x, channel) with {channels} channel(s).",
        )
    return images
