"""Hides random pixels behind the value of a neighbour, which is how blind spots are made."""

from typing import Any

import tensorflow as tf


def mask_pixels(images: Any, share: float, radius: int, seed: Any) -> tuple[tf.Tensor, tf.Tensor]:
    """Replace random pixels by the value of a random neighbour, never by their own.

    Args:
        images: (batch, y, x, channel), in any units, at least two pixels each.
        share: probability of a pixel to be hidden.
        radius: pixels; neighbours lie at most so far in y and in x, inside the image.
        seed: two integers.

    Returns:
        The images with hidden pixels; float32 (batch, y, x, 1), 1 where hidden, 0 elsewhere.

    Example:
        >>> image = tf.reshape(tf.range(16.0), (1, 4, 4, 1))
        >>> seen, hidden = mask_pixels(image, share=1.0, radius=1, seed=(0, 0))
        >>> bool(tf.reduce_any(seen == image)), float(tf.reduce_sum(hidden))
        (False, 16.0)
    """
    images = tf.convert_to_tensor(images)
    shape = tf.shape(images)
    batch, height, width = shape[0], shape[1], shape[2]
    seeds = tf.random.experimental.stateless_split(seed, 2)
    row, column = tf.range(height)[:, tf.newaxis], tf.range(width)[tf.newaxis]
    # the window around each pixel, cut short by the border
    top, left = tf.maximum(row - radius, 0), tf.maximum(column - radius, 0)
    rows = tf.minimum(row + radius, height - 1) - top + 1
    columns = tf.minimum(column + radius, width - 1) - left + 1
    # a place in the window, counted row by row and passing over the pixel itself
    others = rows * columns - 1
    uniform = tf.random.stateless_uniform((batch, height, width), seeds[0])
    place = tf.minimum(tf.cast(uniform * tf.cast(others, tf.float32), tf.int32), others - 1)
    own = (row - top) * columns + column - left
    place += tf.cast(place >= own, tf.int32)
    neighbour = (top + place // columns) * width + left + place % columns
    pixels = tf.reshape(images, (batch, height * width, -1))
    replaced = tf.gather(pixels, tf.reshape(neighbour, (batch, -1)), batch_dims=1)
    hidden = tf.random.stateless_uniform((batch, height, width, 1), seeds[1]) < share
    seen = tf.where(hidden, tf.reshape(replaced, shape), images)
    return seen, tf.cast(hidden, tf.float32)
