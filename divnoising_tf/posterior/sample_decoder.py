"""Draws the latent noise of one image or tile and decodes it, in one compiled function."""

import functools
from typing import Any

import tensorflow as tf

from divnoising_tf.latent_noise.compiled import compiled_latent_noise
from divnoising_tf.posterior.contract import Context, LatentVariableModel, Noises


class SampleDecoder:
    """Decodes samples of a model's posterior and prior.

    Args:
        model: whose `decode` and `generate_from` are compiled with the latent noise.
    """

    def __init__(self, model: LatentVariableModel):
        self._model = model
        context = tuple(
            tf.TensorSpec((1, None, None, grid.channels), tf.float32)
            for grid in model.context_grids
        )
        # one trace for images of all sizes and any number of samples
        self._decode, self._decode_opposite = (
            _compiled(functools.partial(self._decoded, opposite), context)
            for opposite in (False, True)
        )
        self._generate = _compiled(self._generated)

    def __call__(
        self,
        context: Context,
        seed: Any,
        first: int,
        count: int,
        place: tuple[int, int] = (0, 0),
        opposite: bool = False,
    ) -> tf.Tensor:
        """Return posterior samples number `first` to `first + count - 1` of one image or tile.

        Args:
            context: of one image, as `encode` gives it, or of a part of it.
            seed: chooses one set of samples.
            first: number of the first sample.
            count: number of samples decoded together.
            place: row and column of this part in the whole image, pixels, multiples of the
                model's.
            opposite: decode the antithetic partners, whose noise has the other sign.

        Returns:
            Signals, counts, (count, y, x, channel), uncropped.
        """
        decode = self._decode_opposite if opposite else self._decode
        return decode(context, *_whole(seed, first, count, *place))

    def generate(self, size: tuple[int, int], seed: Any, first: int, count: int) -> tf.Tensor:
        """Return samples of the prior.

        Args:
            size: rows and columns, pixels, multiples of the model's.
            seed: chooses one set of samples.
            first: number of the first sample.
            count: number of samples decoded together.

        Returns:
            Signals, counts, (count, y, x, channel).
        """
        return self._generate(*_whole(seed, first, count, *size))

    def _decoded(
        self,
        opposite: bool,
        context: Context,
        seed: tf.Tensor,
        first: tf.Tensor,
        count: tf.Tensor,
        row: tf.Tensor,
        column: tf.Tensor,
    ) -> tf.Tensor:
        places = tf.shape(context[0], tf.int64)[1:3]
        size = tuple(tf.unstack(places * self._model.context_grids[0].stride))
        noises = self._noises(seed, tf.range(first, first + count), size, (row, column))
        if opposite:
            noises = tuple(-noise for noise in noises)
        return self._model.decode(context, noises)

    def _generated(
        self,
        seed: tf.Tensor,
        first: tf.Tensor,
        count: tf.Tensor,
        height: tf.Tensor,
        width: tf.Tensor,
    ) -> tf.Tensor:
        noises = self._noises(seed, tf.range(first, first + count), (height, width), (0, 0))
        return self._model.generate_from(noises)

    def _noises(
        self, seed: tf.Tensor, samples: tf.Tensor, size: tuple[Any, ...], place: tuple[Any, Any]
    ) -> Noises:
        return tuple(
            compiled_latent_noise(
                seed,
                samples,
                size[0] // grid.stride,
                size[1] // grid.stride,
                grid.channels,
                place[0] // grid.stride,
                place[1] // grid.stride,
                level,
            )
            for level, grid in enumerate(self._model.levels)
        )


def _compiled(function: Any, *first: Any) -> Any:
    """Compile a function of something and five whole numbers."""
    whole = [tf.TensorSpec((), tf.int64)] * 5
    return tf.function(function, input_signature=[*first, *whole], autograph=False)


def _whole(*numbers: Any) -> list[tf.Tensor]:
    return [tf.cast(number, tf.int64) for number in numbers]
