"""The latents' distribution q(z|x), and how far it is from the prior p(z)."""

from typing import Any

import tensorflow as tf

from divnoising_tf.noise_models.tfp import distributions

# beyond these a float32 variance or its inverse is no longer a usable number
LOG_VARIANCE_RANGE = (-20.0, 20.0)
# q(z|x) begins narrower than the prior, whatever the image, so that the decoder can hear the mean
# through the sampled noise: without that some trainings collapse from the first steps on
INITIAL_LOG_VARIANCE = -1.0


def latent_distribution(mean: tf.Tensor, log_variance: tf.Tensor) -> Any:
    """Return q(z|x), a TFP `Normal`, independent for every place and channel.

    Args:
        mean: (batch, rows, columns, latent channel).
        log_variance: natural logarithm of the variance, same shape.
    """
    return distributions().Normal(mean, tf.exp(0.5 * log_variance))


def divergence_from_standard_normal(mean: tf.Tensor, log_variance: tf.Tensor) -> tf.Tensor:
    """Return KL(q(z|x) || N(0, 1)) at every latent place and channel, nats (Eq. 10).

    Args:
        mean: of q(z|x), (batch, rows, columns, latent channel).
        log_variance: natural logarithm of the variance of q(z|x), same shape.

    Example:
        >>> divergence_from_standard_normal(tf.constant([0.0, 2.0]), tf.zeros(2)).numpy()
        array([0., 2.], dtype=float32)
    """
    tfd = distributions()
    return tfd.kl_divergence(latent_distribution(mean, log_variance), tfd.Normal(0.0, 1.0))


def divergence_from_normal(
    mean: tf.Tensor, log_variance: tf.Tensor, prior_mean: tf.Tensor, prior_log_variance: tf.Tensor
) -> tf.Tensor:
    """Return KL(q || p) of two normal distributions at every latent place and channel, nats.

    Args:
        mean: of q, (batch, rows, columns, latent channel).
        log_variance: natural logarithm of the variance of q, same shape.
        prior_mean: of p, same shape.
        prior_log_variance: natural logarithm of the variance of p, same shape.

    Example:
        >>> zero, two = tf.zeros(1), tf.constant([2.0])
        >>> divergence_from_normal(two, zero, zero, zero).numpy()
        array([2.], dtype=float32)
    """
    prior = latent_distribution(prior_mean, prior_log_variance)
    return distributions().kl_divergence(latent_distribution(mean, log_variance), prior)


def mean_over_places(divergence: tf.Tensor) -> tf.Tensor:
    """Return the mean of a KL divergence over images and places.

    Args:
        divergence: nats, (batch, rows, columns, latent channel).

    Returns:
        Nats per latent place, shape (latent channel,); zeros for a batch without images.

    Example:
        >>> mean_over_places(tf.constant([[[[0.0, 2.0]]]])).numpy()
        array([0., 2.], dtype=float32)
    """
    places = tf.cast(tf.reduce_prod(tf.shape(divergence)[:3]), divergence.dtype)
    return tf.math.divide_no_nan(tf.reduce_sum(divergence, axis=(0, 1, 2)), places)
