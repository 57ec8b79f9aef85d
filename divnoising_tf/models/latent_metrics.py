"""How many latent channels carry information: the measure of posterior collapse."""

from typing import Any

import keras
import tensorflow as tf

from divnoising_tf.models.latents import mean_over_places


@keras.saving.register_keras_serializable("divnoising_tf")
class ActiveLatentChannels(keras.metrics.Metric):
    """Number of latent channels whose mean KL divergence is above a threshold.

    Args:
        latent_channels: number of channels of z.
        threshold: nats per latent place from which a channel counts as active.
        **kwargs: of `keras.metrics.Metric`.

    Example:
        >>> metric = ActiveLatentChannels(3)
        >>> metric.update_state([0.5, 0.0, 0.02])
        >>> int(metric.result())
        2
    """

    def __init__(self, latent_channels: int, threshold: float = 0.01, **kwargs: Any):
        super().__init__(**kwargs)
        self.latent_channels = latent_channels
        self.threshold = threshold
        self._total = self.add_weight(
            shape=(latent_channels,), initializer="zeros", name="total", dtype="float32"
        )
        self._count = self.add_weight(shape=(), initializer="zeros", name="count", dtype="float32")

    def update_state(self, kl: Any, sample_weight: Any = None) -> None:
        """Add the KL divergence of one batch, nats per latent place, shape (latent channel,).

        Args:
            kl: the KL divergence.
            sample_weight: what the batch counts, such as its number of images; 1 if not given.
        """
        weight = tf.cast(1 if sample_weight is None else sample_weight, tf.float32)
        self._total.assign_add(tf.cast(kl, tf.float32) * weight)
        self._count.assign_add(weight)

    def result(self) -> tf.Tensor:
        """Return the number of active channels, float32."""
        mean = self._total / tf.maximum(tf.convert_to_tensor(self._count), 1.0)
        return tf.reduce_sum(tf.cast(mean > self.threshold, tf.float32))

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {
            **super().get_config(),
            "latent_channels": self.latent_channels,
            "threshold": self.threshold,
        }


def active_latent_channels(model: Any, images: Any, threshold: float = 0.01) -> int:
    """Count the latent channels that carry information about images; 0 is posterior collapse.

    Args:
        model: that has been trained.
        images: noisy images, (n, y, x, channel), counts.
        threshold: nats per latent place from which a channel counts as active.

    Example:
        >>> from divnoising_tf.models.divnoising.model import DivNoising
        >>> from divnoising_tf.noise_models import GaussianNoiseModel
        >>> noise = GaussianNoiseModel(5.0)
        >>> model = DivNoising(noise, data_mean=0.0, data_standard_deviation=1.0)
        >>> active_latent_channels(model, tf.zeros((1, 8, 8, 1)))
        64
    """
    metric = ActiveLatentChannels(sum(grid.channels for grid in model.levels), threshold)
    for image in images:
        levels = model.divergences(model(image[tf.newaxis]))
        metric.update_state(tf.concat([mean_over_places(one) for one in levels], axis=0))
    return int(metric.result())
