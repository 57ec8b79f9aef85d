"""Draws latents of one image or tile and decodes them, in one compiled function."""

from typing import Any

import tensorflow as tf

from divnoising_tf.posterior.compiled_noise import compiled_latent_noise


class SampleDecoder:
    """Decodes posterior samples of a model.

    Args:
        model: a `DivNoising`, whose `decode` is compiled with the latent noise.
    """

    def __init__(self, model: Any):
        self._model = model
        latents = tf.TensorSpec((None, None, model.latent_channels), tf.float32)
        whole = tf.TensorSpec((), tf.int64)
        # one trace for images of all sizes and any number of samples
        self._compiled = tf.function(
            self._decode_noise,
            input_signature=[latents, latents, *[whole] * 5],
            autograph=False,
        )

    def __call__(
        self,
        mean: tf.Tensor,
        standard_deviation: tf.Tensor,
        seed: Any,
        first: int,
        count: int,
        first_row: int = 0,
        first_column: int = 0,
    ) -> tf.Tensor:
        """Return posterior samples number `first` to `first + count - 1` of one image or tile.

        Args:
            mean: of q(z|x), (rows, columns, latent channel).
            standard_deviation: of q(z|x), same shape.
            seed: chooses one set of samples.
            first: number of the first sample.
            count: number of samples decoded together.
            first_row: row of the upper edge of these latents in those of the whole image.
            first_column: column of their left edge.

        Returns:
            Signals, counts, (count, y, x, channel), uncropped.
        """
        whole = (
            tf.cast(number, tf.int64) for number in (seed, first, count, first_row, first_column)
        )
        return self._compiled(mean, standard_deviation, *whole)

    def _decode_noise(
        self,
        mean: tf.Tensor,
        deviation: tf.Tensor,
        seed: Any,
        first: Any,
        count: Any,
        first_row: Any,
        first_column: Any,
    ) -> tf.Tensor:
        shape = tf.shape(mean)
        samples = tf.range(first, first + count)
        channels = self._model.latent_channels
        noise = compiled_latent_noise(
            seed, samples, shape[0], shape[1], channels, first_row, first_column
        )
        return self._model.decode(mean + deviation * noise)
