"""Probabilistic Noise2Void: a blind-spot network that predicts samples of each pixel's signal."""

import math
from typing import Any

import keras
import tensorflow as tf

from divnoising_tf.blind_spot import BlindSpotDenoiser
from divnoising_tf.blind_spot.masking import mask_pixels
from divnoising_tf.models.checks import check_noise_model
from divnoising_tf.models.configuration import deserialised
from divnoising_tf.noise_models import NoiseModel

# where a noise model knows no probability at all, all samples are alike
_LOWEST = -1e30


def posterior_mean(samples: Any, log_likelihood: Any) -> tf.Tensor:
    """Return Σ p(x|s) s / Σ p(x|s) over the last axis: the mean of the posterior.

    Args:
        samples: of the prior, (..., sample), counts.
        log_likelihood: ln p(x|s) of each, of the same shape.

    Returns:
        (...), counts.

    Example:
        >>> float(posterior_mean([10.0, 20.0], [math.log(0.1), math.log(0.3)]))
        17.5
    """
    return tf.reduce_sum(tf.nn.softmax(log_likelihood, axis=-1) * samples, axis=-1)


@keras.saving.register_keras_serializable("experiments")
class ProbabilisticBlindSpotDenoiser(BlindSpotDenoiser):
    """Predicts samples of each pixel's signal from its surroundings; the noise model weighs them.

    Krull, Vičar, Prakash, Lalit, Jug: Probabilistic Noise2Void, Frontiers in Computer Science
    2020. In training the likelihood of hidden pixels, averaged over their samples, is maximised.
    The prediction is the posterior mean, for which the pixel itself counts as well.

    Args:
        noise_model: p(x|s), in counts; it stays as it is.
        samples: of the prior, for each pixel.
        depth: see `BlindSpotDenoiser`, as all further arguments.

    Raises:
        InputError: an argument has no meaning.
    """

    def __init__(
        self,
        noise_model: NoiseModel,
        samples: int = 100,
        depth: int = 2,
        base_channels: int = 16,
        hidden_share: float = 0.1,
        radius: int = 2,
        seed: int = 0,
        **kwargs: Any,
    ):
        check_noise_model(noise_model)
        # before the rest, which ends in a built model: Keras gives that no further parts
        self.noise_model = noise_model
        super().__init__(
            depth, base_channels, hidden_share, radius, seed, outputs=samples, **kwargs
        )
        self.samples = samples

    def call(self, images: Any, training: bool = False) -> Any:
        """Denoise images; in training, sample the signal of hidden pixels.

        Args:
            images: (batch, y, x, 1), counts; y and x multiples of 2^depth.
            training: whether to hide pixels.

        Returns:
            The posterior mean in counts, of the shape of `images`; in training a mapping:
            "samples", counts, (hidden pixel, sample), and "observation", counts, (hidden pixel,).
        """
        images = tf.cast(images, tf.float32)
        normalised = self.normalisation.apply(images)
        if not training:
            return self._posterior_mean(self._features(normalised), images)
        seed = tf.cast(self._seed_generator.next(), tf.int32)
        seen, hidden = mask_pixels(normalised, self.hidden_share, self.radius, seed)
        chosen = hidden[..., 0] > 0
        # only hidden pixels need samples: the last convolution is of one pixel
        features = tf.boolean_mask(self._features(seen), chosen)
        observation = tf.boolean_mask(images[..., 0], chosen)
        return {"samples": self._samples(features), "observation": observation}

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> tf.Tensor:
        """Return -ln of the likelihood averaged over samples, mean over hidden pixels, nats."""
        if not training:
            # as for Noise2Void: validation hides pixels too
            y_pred = self(x, training=True)
        log_likelihood = self._log_likelihood(y_pred["observation"], y_pred["samples"])
        log_evidence = tf.reduce_logsumexp(log_likelihood, axis=-1) - math.log(self.samples)
        number = tf.cast(tf.size(log_evidence), tf.float32)
        return tf.math.divide_no_nan(-tf.reduce_sum(log_evidence), number)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments; the data's statistics travel as weights."""
        return {
            **super().get_config(),
            "noise_model": keras.saving.serialize_keras_object(self.noise_model),
            "samples": self.samples,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "ProbabilisticBlindSpotDenoiser":
        """Rebuild a denoiser from `get_config`."""
        return cls(**deserialised(config, "noise_model", "dtype"))

    def _posterior_mean(self, features: tf.Tensor, images: tf.Tensor) -> tf.Tensor:
        """Return the mean, (batch, y, x, 1); row by row, or the samples would fill the memory."""
        shape = tf.shape(images)
        batch, height, width = shape[0], shape[1], shape[2]
        rows = (
            tf.reshape(tf.transpose(features, (1, 0, 2, 3)), (height, -1, self.base_channels)),
            tf.reshape(tf.transpose(images, (1, 0, 2, 3)), (height, -1)),
        )
        means = tf.map_fn(self._row_mean, rows, fn_output_signature=tf.float32)
        means = tf.reshape(means, (height, batch, width, 1))
        return tf.transpose(means, (1, 0, 2, 3))

    def _row_mean(self, row: tuple[tf.Tensor, tf.Tensor]) -> tf.Tensor:
        features, observation = row
        samples = self._samples(features)
        return posterior_mean(samples, self._log_likelihood(observation, samples))

    def _samples(self, features: tf.Tensor) -> tf.Tensor:
        """Return samples of the prior, counts, (pixel, sample), of features (pixel, channel)."""
        samples = self._last(features[tf.newaxis, tf.newaxis])[0, 0]
        return self.normalisation.invert(samples)

    def _log_likelihood(self, observation: tf.Tensor, samples: tf.Tensor) -> tf.Tensor:
        log_likelihood = self.noise_model.log_prob(observation[:, tf.newaxis], samples)
        return tf.maximum(log_likelihood, _LOWEST)
