"""The numbers of `latent_noise` from compiled loops, which take a fifth of its time.

The generator is made of remainders of 64-bit integers, and processors divide those one by one.
XLA turns chains of such operations into loops over vectors once the remainder is written with
products and a rounding: the quotient by a float64 reciprocal is off by one at most, which the
exact remainder shows. Not for exported graphs: their runtimes cannot compile.
"""

import functools
from typing import Any

import numpy as np
import tensorflow as tf

from divnoising_tf.latent_noise.noise import (
    BASE,
    CHAINS,
    PRIME,
    chains_of_level,
    hash_words,
    latent_noise,
    mix_words,
    normal_table,
)

# lengths are rounded up to an eighth of a power of two, at least to this many places: every new
# length is compiled anew, which takes a fraction of a second
_FEWEST_PLACES = 1024


def compiled_latent_noise(
    seed: Any,
    samples: Any,
    height: Any,
    width: Any,
    channels: int,
    first_row: Any = 0,
    first_column: Any = 0,
    level: int = 0,
) -> tf.Tensor:
    """Return what `latent_noise` returns, bit for bit.

    Falls back to it where there is a GPU, or where TensorFlow was built without XLA.

    Args:
        seed: chooses one set of samples, int64 scalar from 0 to PRIME - 1.
        samples: numbers of the samples, likewise, (n,).
        height: rows, latent pixels.
        width: columns, latent pixels.
        channels: latent channels.
        first_row: row of the rectangle's upper edge in the whole image, latent pixels.
        first_column: column of its left edge, latent pixels.
        level: of the latents, where a model has several; 0 is the finest.

    Returns:
        float32 (n, height, width, channels).

    Example:
        >>> fast = compiled_latent_noise(1, tf.range(2), height=4, width=3, channels=5)
        >>> bool(tf.reduce_all(fast == latent_noise(1, tf.range(2), 4, 3, 5)))
        True
    """
    if not _can_compile():
        return latent_noise(seed, samples, height, width, channels, first_row, first_column, level)
    rows = _word(_whole(first_row) + tf.range(_whole(height)))
    columns = _word(_whole(first_column) + tf.range(_whole(width)))
    corners = hash_words(chains_of_level(level)[:, np.newaxis], _word(seed), _word(samples))
    keys = hash_words(corners[..., tf.newaxis], rows)
    shape = tf.stack([tf.shape(keys)[1], tf.shape(rows)[0], tf.shape(columns)[0]])
    number = tf.reduce_prod(shape)
    keys = tf.repeat(tf.reshape(keys, (3, -1)), shape[2], axis=1)
    columns = tf.tile(columns, number[tf.newaxis] // shape[2])
    padding = [[0, 0], [0, _rounded_up(number) - number]]
    words = _hash(tf.pad(keys, padding), tf.pad(columns, padding[1:]))
    pairs = (channels + 1) // 2
    channel = hash_words(CHAINS[:, np.newaxis], tf.range(pairs, dtype=tf.int64))
    noise = _look_up(_mix(words, channel))
    # rows first: that takes no copy
    noise = noise[:number]
    if channels % 2:
        noise = noise[:, :channels]
    return tf.reshape(noise, tf.concat([shape, [channels]], axis=0))


class _Word:
    """int64 tensor whose `%` needs no division, for moduli near PRIME and values above -2⁶².

    A remainder may be off by one modulus where it is within 1e-5 of a multiple, so that it lies
    a hair outside of 0 to modulus - 1. In a hash that does not matter before the end.
    """

    def __init__(self, value: Any):
        self.value = value

    def __add__(self, other: Any) -> "_Word":
        return _Word(self.value + _value(other))

    def __sub__(self, other: Any) -> "_Word":
        return _Word(self.value - _value(other))

    def __mul__(self, other: Any) -> "_Word":
        return _Word(self.value * _value(other))

    def __mod__(self, modulus: int) -> "_Word":
        quotient = tf.floor(tf.cast(self.value, tf.float64) * (1.0 / modulus))
        return _Word(self.value - tf.cast(quotient, tf.int64) * modulus)

    def exactly(self) -> tf.Tensor:
        """Return a remainder modulo PRIME that is from 0 to PRIME - 1."""
        remainder = tf.where(self.value < 0, self.value + PRIME, self.value)
        return tf.where(remainder >= PRIME, remainder - PRIME, remainder)


# three functions: compiled as one, XLA would compute the hashes of a place anew for each channel,
# and the channels' for each digit


@tf.function(jit_compile=True, autograph=False)
def _hash(keys: tf.Tensor, columns: tf.Tensor) -> tf.Tensor:
    """Return three words per place, int64 (3, n), of hashes, int64 (3, n), and columns, (n,)."""
    return hash_words(_Word(keys), _Word(columns)).exactly()


@tf.function(jit_compile=True, autograph=False)
def _mix(places: tf.Tensor, channels: tf.Tensor) -> tf.Tensor:
    """Return one hash per place and pair of channels, int32 (n, pairs)."""
    words = (
        [_Word(word) for word in tf.unstack(one)] for one in (places[..., tf.newaxis], channels)
    )
    return tf.cast(mix_words(*words).exactly(), tf.int32)


@tf.function(jit_compile=True, autograph=False)
def _look_up(mixed: tf.Tensor) -> tf.Tensor:
    """Return the two normal numbers of every hash, float32 (n, 2 · pairs)."""
    first = tf.truncatediv(mixed, BASE)[..., tf.newaxis]
    second = mixed[..., tf.newaxis] - first * BASE
    digits = tf.where(tf.constant([True, False]), first, second)
    noise = tf.gather(tf.constant(normal_table()), digits)
    return tf.reshape(noise, (tf.shape(mixed)[0], 2 * mixed.shape[1]))


@functools.lru_cache(maxsize=1)
def _can_compile() -> bool:
    if tf.config.list_physical_devices("GPU"):
        return False
    with tf.init_scope():
        try:
            _look_up(tf.zeros((_FEWEST_PLACES, 1), tf.int32))
        except tf.errors.OpError:
            return False
    return True


def _rounded_up(number: tf.Tensor) -> tf.Tensor:
    power = tf.floor(tf.math.log(tf.cast(number, tf.float64)) / np.log(2.0))
    step = tf.maximum(tf.cast(2.0 ** (power - 3), tf.int32), _FEWEST_PLACES)
    return -(-number // step) * step


def _value(word: Any) -> Any:
    return word.value if isinstance(word, _Word) else word


def _whole(number: Any) -> tf.Tensor:
    return tf.cast(number, tf.int64)


def _word(number: Any) -> tf.Tensor:
    return _whole(number) % PRIME
