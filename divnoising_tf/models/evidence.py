"""The two terms of the evidence lower bound that models are trained with."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import tensorflow as tf

from divnoising_tf.models.latents import mean_over_places
from divnoising_tf.noise_models import NoiseModel


class Terms(NamedTuple):
    """Both terms of the negative evidence lower bound, nats.

    Attributes:
        reconstruction: -ln p(x|s) per pixel.
        kl: KL divergence of q(z|x) from the prior, per pixel (the authors' scaling).
        kl_per_level: the share of each level of latents in it.
        kl_per_channel: of each level per latent place, shape (latent channel,).
    """

    reconstruction: tf.Tensor
    kl: tf.Tensor
    kl_per_level: tuple[tf.Tensor, ...]
    kl_per_channel: tuple[tf.Tensor, ...]


def evidence_terms(
    noise_model: NoiseModel,
    images: Any,
    signal: tf.Tensor,
    divergences: Sequence[tf.Tensor],
    believed: tf.Tensor | None = None,
) -> Terms:
    """Return the terms for a batch (Eqs. 6–10), zeros for a batch without images.

    Args:
        noise_model: p(x|s).
        images: noisy images, counts, (batch, y, x, channel).
        signal: one sample of each, counts, same shape.
        divergences: of every level, nats, (batch, rows, columns, latent channel).
        believed: the images within the bounds of the model, see `Normalisation.bounded`; pixels
            that differ have no likelihood. None if all count.

    Example:
        >>> from divnoising_tf.noise_models import GaussianNoiseModel
        >>> image = tf.zeros((1, 4, 4, 1))
        >>> divergences = [tf.fill((1, 1, 1, 2), 2.0)]
        >>> terms = evidence_terms(GaussianNoiseModel(1.0), image, image, divergences)
        >>> float(terms.reconstruction), float(terms.kl), terms.kl_per_channel[0].numpy()
        (0.91893..., 0.25, array([2., 2.], dtype=float32))
    """
    images = tf.cast(images, tf.float32)
    pixels = tf.cast(tf.size(images), tf.float32)
    if believed is None:
        believed = images
    # of the bounded image, so that no infinity reaches the gradient of what is left out
    log_prob = noise_model.log_prob(believed, signal)
    log_prob = tf.where(believed == images, log_prob, 0.0)
    per_channel = tuple(mean_over_places(one) for one in divergences)
    per_level = tuple(
        tf.reduce_sum(kl) * tf.math.divide_no_nan(_places(one), pixels)
        for kl, one in zip(per_channel, divergences, strict=True)
    )
    reconstruction = -tf.math.divide_no_nan(tf.reduce_sum(log_prob), pixels)
    return Terms(reconstruction, tf.add_n(per_level), per_level, per_channel)


def _places(divergence: tf.Tensor) -> tf.Tensor:
    return tf.cast(tf.reduce_prod(tf.shape(divergence)[:3]), tf.float32)
