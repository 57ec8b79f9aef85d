"""The data's mean, standard deviation and bounds, measured once and saved with the model."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from divnoising_tf.errors import InputError
from divnoising_tf.noise_models.outliers import UNBOUNDED, unbounded
from divnoising_tf.noise_models.robust_statistics import Measured, RobustStatistics

# random batches of patches this many settle mean and standard deviation to well under 1 %
_MAX_BATCHES = 64


@keras.saving.register_keras_serializable("divnoising_tf")
class Normalisation(keras.layers.Layer):
    """Turns counts into normalised intensities and back, per channel; bounds what is seen.

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
        self._mean = self._add_statistic("mean", 0.0)
        # zero means: not measured yet
        self._standard_deviation = self._add_statistic("standard_deviation", 0.0)
        self._lowest = self._add_statistic("lowest", -UNBOUNDED)
        self._highest = self._add_statistic("highest", UNBOUNDED)
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

    @property
    def bounds(self) -> np.ndarray:
        """Lowest and highest count that the networks are shown, (2, channels)."""
        return np.stack([self._lowest.numpy(), self._highest.numpy()])

    @property
    def is_bounded(self) -> bool:
        """Whether there are bounds; models of before bounds, and those with none, have not."""
        return not np.array_equal(self.bounds, unbounded(self.channels))

    def set(self, mean: Any, standard_deviation: Any, bounds: Any = None) -> None:
        """Set them, in counts, as one number or one per channel.

        Args:
            mean: of the images.
            standard_deviation: of the images.
            bounds: lowest and highest count that is believed, (2, channels); None for none.

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
        low, high = unbounded(self.channels) if bounds is None else np.asarray(bounds, np.float32)
        self._lowest.assign(low)
        self._highest.assign(high)

    def adapt(self, images: Any, bounds: np.ndarray | None = None) -> Measured:
        """Measure them, see `DivNoising.adapt`.

        Args:
            images: counts.
            bounds: of the noise model, see `outliers.noise_bounds`; None to find them from the
                pixels.

        Returns:
            What was found.
        """
        statistics = RobustStatistics(self.channels, bounds)
        for batch in _batches(images, self.channels):
            statistics.add(batch)
        found = statistics.measured()
        self.set(found.mean, found.standard_deviation, found.bounds)
        return found

    def bounded(self, images: Any) -> tf.Tensor:
        """Return counts (..., channel), float32, those beyond the bounds moved to them."""
        low, high = (tf.convert_to_tensor(one) for one in (self._lowest, self._highest))
        return tf.clip_by_value(tf.cast(images, tf.float32), low, high)

    def apply(self, images: Any) -> tf.Tensor:
        """Return normalised intensities, float32, of counts (..., channel)."""
        deviation = tf.convert_to_tensor(self._standard_deviation)
        return (tf.cast(images, tf.float32) - self._mean) / deviation

    def invert(self, images: Any) -> tf.Tensor:
        """Return counts of normalised intensities (..., channel)."""
        return images * tf.convert_to_tensor(self._standard_deviation) + self._mean

    def load_own_variables(self, store: Any) -> None:
        """Read the statistics; files of before bounds hold two of them."""
        if len(store.keys()) > 2:
            super().load_own_variables(store)
            return
        without = unbounded(self.channels)
        for variable, value in zip(
            (self._mean, self._standard_deviation, self._lowest, self._highest),
            (store["0"], store["1"], *without),
            strict=True,
        ):
            variable.assign(value)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments; the statistics are weights."""
        return {**super().get_config(), "channels": self.channels}

    def _add_statistic(self, name: str, value: float) -> keras.Variable:
        return self.add_weight(
            name=name,
            shape=(self.channels,),
            initializer=keras.initializers.Constant(value),
            trainable=False,
            autocast=False,
        )


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
