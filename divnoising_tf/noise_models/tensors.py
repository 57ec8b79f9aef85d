"""Values and seeds as TensorFlow takes them."""

from typing import Any

import numpy as np
import tensorflow as tf


def float32(values: Any) -> tf.Tensor:
    """Return values as a float32 tensor; arrays of any other number type are rounded to it."""
    if isinstance(values, np.ndarray):
        values = values.astype(np.float32)
    return tf.cast(tf.convert_to_tensor(values), tf.float32)


def stateless_seed(seed: int) -> tf.Tensor:
    """Return the seed of TensorFlow's stateless random numbers for a whole number."""
    return tf.constant([int(seed) & 0x7FFFFFFF, 0x5EED], tf.int32)
