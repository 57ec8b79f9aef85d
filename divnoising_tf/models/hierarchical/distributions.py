"""Prior and posterior of the latents of one level."""

from typing import NamedTuple

import tensorflow as tf

from divnoising_tf.models.latents import LOG_VARIANCE_RANGE


class Gaussian(NamedTuple):
    """A normal distribution for every place and channel, (batch, rows, columns, latent channel).

    Attributes:
        mean: without units.
        log_variance: natural logarithm of the variance.
    """

    mean: tf.Tensor
    log_variance: tf.Tensor

    def at(self, noise: tf.Tensor) -> tf.Tensor:
        """Return the value that standard normal noise stands for."""
        return self.mean + tf.exp(0.5 * self.log_variance) * noise


def prior_of(above: tf.Tensor) -> Gaussian:
    """Return p(z | levels above).

    Args:
        above: of `TopDownLevel.above`, (batch, rows, columns, 4 × latent channel).
    """
    mean, log_variance, _, _ = tf.split(above, 4, axis=-1)
    return Gaussian(mean, tf.clip_by_value(log_variance, *LOG_VARIANCE_RANGE))


def posterior_of(
    context: tf.Tensor, above: tf.Tensor | None, initial_log_variance: float
) -> Gaussian:
    """Return q(z | image, levels above): what is added to the prior is learned.

    Args:
        context: of the level, (batch, rows, columns, 2 × latent channel).
        above: see `prior_of`; None at the top, where the prior is standard normal.
        initial_log_variance: added to the log-variance: what it is above the prior's while the
            networks add 0. Half of `context` and `above` is 0 at the beginning.

    Example:
        >>> found = posterior_of(tf.ones((1, 1, 1, 2)), 2 * tf.ones((1, 1, 1, 4)), -4.0)
        >>> [value.numpy().item() for value in found]
        [5.0, 1.0]
    """
    added = context
    if above is not None:
        prior, share = tf.split(above, 2, axis=-1)
        added = prior + (context + share)
    mean, log_variance = tf.split(added, 2, axis=-1)
    log_variance = tf.clip_by_value(log_variance + initial_log_variance, *LOG_VARIANCE_RANGE)
    return Gaussian(mean, log_variance)
