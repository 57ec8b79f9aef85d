"""One TensorFlow graph that takes a noisy image and gives mean, uncertainty and samples.

What its consumers bear decides its form (TensorFlow 1.15 to today, in a session): everything
from padding to cropping inside, one input, one output, weights frozen into constants, random
numbers made of integers and derived from the image.
"""

import os
from collections.abc import Callable
from typing import Any

import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import (
    convert_variables_to_constants_v2,
)

from divnoising_tf.latent_noise.noise import latent_noise, plane_seed, seeds_of_images
from divnoising_tf.models.base import VariationalDenoiser
from divnoising_tf.models.precision import with_precision
from divnoising_tf.zoo.kinds import check_sample_numbers

# names of the signature's tensors, which are the tensor ids of the package
INPUT_NAME = "input"
OUTPUT_NAME = "output"


def sampling_function(
    model: VariationalDenoiser, n_samples: int = 8, n_averaged: int = 64, seed: int | None = None
) -> Callable[[Any], tf.Tensor]:
    """Return a function of a noisy image that encodes it once and samples its posterior.

    Its input is float32 (batch, y, x, channel), counts, of any size from one pixel on. Its
    output is float32 (batch, y, x, (n_samples + 2) · channel), counts: the channels of the mean
    of `n_averaged` samples, those of their standard deviation (n - 1 in the denominator), those
    of sample 0, of sample 1, and so on. The first two are left out if none is averaged.
    Sample k is that of `model.posterior(image, seed=seed)`, however many are drawn. Memory
    grows with `n_samples`, not with `n_averaged`.

    Args:
        model: that has been trained.
        n_samples: samples in the output; 0 for mean and standard deviation alone.
        n_averaged: samples in mean and standard deviation, at least `n_samples` and 2; 0 for
            samples alone.
        seed: of the samples of every image; None derives it from the image's pixels, so that
            the same image has the same samples and two frames of a movie do not.

    Returns:
        A `tf.function` with one input signature.

    Raises:
        InputError: a number of samples cannot be used.

    Example:
        >>> from divnoising_tf.models.divnoising.model import DivNoising
        >>> from divnoising_tf.noise_models import GaussianNoiseModel
        >>> model = DivNoising(GaussianNoiseModel(5.0), data_mean=100, data_standard_deviation=20)
        >>> sample = sampling_function(model, n_samples=3, n_averaged=5)
        >>> tuple(sample(tf.fill((1, 9, 7, 1), 100.0)).shape)
        (1, 9, 7, 5)
    """
    check_sample_numbers(n_samples, n_averaged)
    model = in_float32(model)

    def sample(images: tf.Tensor) -> tf.Tensor:
        shape = tf.shape(images)
        seeds = seeds_of_images(images) if seed is None else plane_seed(seed, tf.range(shape[0]))
        context = model.encode(images)
        multiple = model.reach.multiple
        height, width = (-(-shape[axis] // multiple) * multiple for axis in (1, 2))

        def draw(k: tf.Tensor) -> tf.Tensor:
            noises = tuple(
                latent_noise(
                    seeds,
                    k,
                    height // grid.stride,
                    width // grid.stride,
                    grid.channels,
                    level=level,
                )
                for level, grid in enumerate(model.levels)
            )
            signal = model.decode(context, noises)
            return signal[:, : shape[1], : shape[2], :]

        return _moments_and_samples(draw, tf.zeros_like(images), n_samples, n_averaged)

    pixels = tf.TensorSpec((None, None, None, model.channels), tf.float32, INPUT_NAME)
    compiled: Callable[[Any], Any]
    compiled = tf.function(sample, input_signature=[pixels], autograph=False)
    return compiled


def write_saved_model(function: Any, folder: str | os.PathLike[str]) -> None:
    """Write a function of `sampling_function` as a SavedModel that old TensorFlow runs too.

    The weights become constants: a SavedModel that holds Keras variables loads in old versions
    but fails when it is run from a session.

    Args:
        function: what `sampling_function` returned.
        folder: to write `saved_model.pb` and `variables` to; signature "serving_default", input
            "input", output "output".
    """
    concrete = function.get_concrete_function()
    frozen = convert_variables_to_constants_v2(concrete)
    specification = tf.TensorSpec.from_tensor(concrete.inputs[0], INPUT_NAME)

    def serve(images: tf.Tensor) -> dict[str, tf.Tensor]:
        result = frozen(images)[0]
        return {OUTPUT_NAME: result}

    module = tf.Module()
    module.serve = tf.function(serve, input_signature=[specification])
    tf.saved_model.save(module, os.fspath(folder), {"serving_default": module.serve})


def _moments_and_samples(
    draw: Callable[[tf.Tensor], tf.Tensor], zeros: tf.Tensor, n_samples: int, n_averaged: int
) -> tf.Tensor:
    """Return mean, standard deviation and the first samples, side by side as channels."""

    def update(k: tf.Tensor, mean: tf.Tensor, squares: tf.Tensor) -> tuple[tf.Tensor, ...]:
        # Welford's running mean and sum of squared deviations
        sample = draw(k)
        shift = sample - mean
        mean = mean + shift / tf.cast(k + 1, tf.float32)
        return k + 1, mean, squares + shift * (sample - mean), sample

    def keep(
        k: tf.Tensor, mean: tf.Tensor, squares: tf.Tensor, kept: tf.Tensor
    ) -> tuple[tf.Tensor, ...]:
        k, mean, squares, sample = update(k, mean, squares)
        return k, mean, squares, tf.concat([kept, sample], axis=-1)

    channels = zeros.shape[-1]
    number = tf.TensorShape(())
    pixels, growing = (tf.TensorShape((None, None, None, last)) for last in (channels, None))
    k, mean, squares, kept = tf.constant(0), zeros, zeros, zeros[..., :0]
    if n_samples:
        k, mean, squares, kept = tf.while_loop(
            lambda k, *_: k < n_samples,
            keep,
            (k, mean, squares, kept),
            shape_invariants=(number, pixels, pixels, growing),
            parallel_iterations=1,
        )
    planes = [kept]
    if n_averaged:
        _, mean, squares = tf.while_loop(
            lambda k, *_: k < n_averaged,
            lambda *state: update(*state)[:3],
            (k, mean, squares),
            shape_invariants=(number, pixels, pixels),
            parallel_iterations=1,
        )
        planes = [mean, tf.sqrt(squares / (n_averaged - 1.0)), kept]
    result = tf.concat(planes, axis=-1)
    result.set_shape((None, None, None, (n_samples + 2 * bool(n_averaged)) * channels))
    return result


def in_float32(model: VariationalDenoiser) -> VariationalDenoiser:
    """Return the model itself, or its copy without bfloat16, which old runtimes do not know."""
    return with_precision(model, "float32")
