"""Images from the prior p(z): what a model believes clean images look like."""

from typing import Any

import numpy as np
import tensorflow as tf

from divnoising_tf.posterior.checks import check_count, check_trained
from divnoising_tf.posterior.tile_sampler import samples_at_once


def generate_images(model: Any, size: tuple[int, int], n: int, seed: int) -> np.ndarray:
    """Draw images from the prior.

    Args:
        model: a trained `DivNoising`.
        size: (y, x) in pixels.
        n: number of images.
        seed: same seed, same images.

    Returns:
        float32 array (n, y, x), or (n, channel, y, x) with more than one channel; counts.

    Raises:
        InputError: the model has not been trained, or a number is not a positive whole one.
    """
    check_trained(model)
    check_count(n)
    for length in size:
        check_count(length)
    height, width = (-(-length // model.multiple) for length in size)
    mean = tf.zeros((height, width, model.latent_channels))
    at_once = samples_at_once(size)
    batches = [
        model.decode_samples(mean, mean + 1, seed, first, min(at_once, n - first))
        for first in range(0, n, at_once)
    ]
    stack = tf.concat(batches, axis=0)[:, : size[0], : size[1], :].numpy()
    return stack[..., 0] if model.channels == 1 else np.moveaxis(stack, -1, 1)
