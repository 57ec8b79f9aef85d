"""The two terms of the evidence lower bound that a `DivNoising` model is trained with."""

from typing import Any, NamedTuple

import tensorflow as tf

from divnoising_tf.latents import kl_per_latent_channel
from divnoising_tf.noise_models import NoiseModel


class Terms(NamedTuple):
    """Both terms of the negative evidence lower bound, nats.

    Attributes:
        reconstruction: -ln p(x|s) per pixel.
        kl: KL divergence of q(z|x) from the prior, per pixel (the authors' scaling).
        kl_per_channel: the same per latent place, shape (latent channel,).
    """

    reconstruction: tf.Tensor
    kl: tf.Tensor
    kl_per_channel: tf.Tensor


def evidence_terms(
    noise_model: NoiseModel,
    images: Any,
    outputs: dict[str, tf.Tensor],
    believed: tf.Tensor | None = None,
) -> Terms:
    """Return the terms for a batch (Eqs. 6–10), zeros for a batch without images.

    Args:
        noise_model: p(x|s).
        images: noisy images, counts, (batch, y, x, channel).
        outputs: what the model returned for them.
        believed: the images within the bounds of the model, see `Normalisation.bounded`; pixels
            that differ have no likelihood. None if all count.

    Example:
        >>> from divnoising_tf.noise_models import GaussianNoiseModel
        >>> latent = tf.zeros((1, 1, 1, 2))
        >>> outputs = {"signal": tf.zeros((1, 4, 4, 1)), "latent_mean": latent + 2.0,
        ...            "latent_log_variance": latent}
        >>> terms = evidence_terms(GaussianNoiseModel(1.0), tf.zeros((1, 4, 4, 1)), outputs)
        >>> float(terms.reconstruction), float(terms.kl), terms.kl_per_channel.numpy()
        (0.91893..., 0.25, array([2., 2.], dtype=float32))
    """
    images = tf.cast(images, tf.float32)
    mean = outputs["latent_mean"]
    pixels = tf.cast(tf.size(images), tf.float32)
    places = tf.cast(tf.reduce_prod(tf.shape(mean)[:3]), tf.float32)
    if believed is None:
        believed = images
    # of the bounded image, so that no infinity reaches the gradient of what is left out
    log_prob = noise_model.log_prob(believed, outputs["signal"])
    log_prob = tf.where(believed == images, log_prob, 0.0)
    kl_per_channel = kl_per_latent_channel(mean, outputs["latent_log_variance"])
    return Terms(
        -tf.math.divide_no_nan(tf.reduce_sum(log_prob), pixels),
        tf.reduce_sum(kl_per_channel) * tf.math.divide_no_nan(places, pixels),
        kl_per_channel,
    )
