"""Images continued by their mirror image, to sizes that the networks can halve."""

from typing import Any

import tensorflow as tf


def pad_to_multiple(image: Any, multiple: int) -> tf.Tensor:
    """Continue an image by its mirror image, downwards and to the right.

    Works for every size from one pixel on, where the mirror is repeated as often as needed.

    Args:
        image: (batch, y, x, channel), in any units.
        multiple: what y and x of the result are a multiple of.

    Returns:
        The padded image; the original is its upper left corner.

    Example:
        >>> pad_to_multiple(tf.reshape([1.0, 2.0, 3.0], (1, 1, 3, 1)), 4)[0, :, :, 0].numpy()
        array([[1., 2., 3., 3.],
               [1., 2., 3., 3.],
               [1., 2., 3., 3.],
               [1., 2., 3., 3.]], dtype=float32)
    """
    image = tf.convert_to_tensor(image)
    for axis in (1, 2):
        if image.shape[axis] is not None and image.shape[axis] % multiple == 0:
            continue
        size = tf.shape(image)[axis]
        padded = (size + multiple - 1) // multiple * multiple
        place = tf.math.floormod(tf.range(padded), 2 * size)
        mirrored = tf.minimum(place, 2 * size - 1 - place)
        image = tf.gather(image, mirrored, axis=axis)
    return image


def crop_to(signal: tf.Tensor, image: tf.Tensor) -> tf.Tensor:
    """Undo `pad_to_multiple`: return the upper left corner that is as large as the image.

    Sizes known to be equal are left alone: the gradient of a crop takes time, too.

    Args:
        signal: (batch, y, x, channel), at least as large as the image.
        image: (batch, y, x, channel).

    Example:
        >>> crop_to(tf.zeros((2, 8, 8, 1)), tf.zeros((2, 5, 7, 1))).shape
        TensorShape([2, 5, 7, 1])
    """
    if None in image.shape[1:3] or image.shape[1:3] != signal.shape[1:3]:
        shape = tf.shape(image)
        signal = signal[:, : shape[1], : shape[2], :]
    # Keras wants to know the sizes that the crop hides
    return tf.ensure_shape(signal, (*image.shape[:3], signal.shape[3]))
