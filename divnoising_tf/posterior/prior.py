"""Images from the prior p(z): what a model believes clean images look like."""

import numpy as np
import tensorflow as tf

from divnoising_tf.data.checks import check_count
from divnoising_tf.posterior.checks import check_trained
from divnoising_tf.posterior.contract import LatentVariableModel
from divnoising_tf.posterior.tiling.tile_sampler import samples_at_once


def generate_images(
    model: LatentVariableModel, size: tuple[int, int], n: int, seed: int
) -> np.ndarray:
    """Draw images from the prior.

    Args:
        model: that has been trained.
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
    multiple = model.reach.multiple
    padded = (-(-size[0] // multiple) * multiple, -(-size[1] // multiple) * multiple)
    at_once = samples_at_once(size)
    batches = [
        model.decode_samples.generate(padded, seed, first, min(at_once, n - first))
        for first in range(0, n, at_once)
    ]
    stack = tf.concat(batches, axis=0)[:, : size[0], : size[1], :].numpy()
    return stack[..., 0] if model.channels == 1 else np.moveaxis(stack, -1, 1)
