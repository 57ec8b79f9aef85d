"""Standard normal noise that a place in the latent space has by itself, on every runtime.

The noise of one sample at one latent place depends on (seed, sample, level, row, column,
channel) and on nothing else, so a tile has the noise of its part of the whole, and the exported
graph has the noise of the Python posterior. It is computed from integers alone: additions,
products and remainders of non-negative int64 numbers that never overflow, which every TensorFlow
and ONNX runtime agrees on, and then looked up in a table of the inverse normal distribution.

The coordinates are hashed by rounds x -> (x + key)³ modulo a prime, as in MiMC (Albrecht et
al., ASIACRYPT 2016), into three words per latent pixel. The channels, of which there are many,
then cost three cheaper rounds, x -> x² + word · channel word. One hash gives two numbers.
"""

import functools
import operator
import statistics
from typing import Any

import numpy as np
import tensorflow as tf

from divnoising_tf.errors import InputError

# The table's length is the largest whose square fits 31 bits: a hash below the prime is a number
# of two digits in this base, and each digit is a place in the table.
BASE = 46_340
# The largest prime below BASE² that is 2 modulo 3, so that cubing loses nothing. Sums of two
# products of numbers below it stay below 2⁶³.
PRIME = 2_147_395_589
# Digits of pi: numbers with nothing up the sleeve.
ROUND_CONSTANTS = (314_159_265, 358_979_323, 846_264_338, 327_950_288)
# where the chains of hashes start, one chain for each word of a place
CHAINS = np.arange(3, dtype=np.int64)
# 1/256 count: finer than any camera's step, and exact in float32 for 16-bit images
STEPS_PER_COUNT = 256.0
LARGEST_STEP = float(2**30)


def latent_noise(
    seed: Any,
    sample: Any,
    height: Any,
    width: Any,
    channels: Any,
    first_row: Any = 0,
    first_column: Any = 0,
    level: int = 0,
) -> tf.Tensor:
    """Return the standard normal noise of samples at a rectangle of latent places.

    Every argument is an integer or an integer tensor. Seeds and sample numbers of any size or
    sign are taken modulo 2147395589; they may be tensors of several, which broadcast, and whose
    shape then leads that of the result.

    Args:
        seed: chooses one set of samples.
        sample: number of the sample in this set.
        height: rows, latent pixels.
        width: columns, latent pixels.
        channels: latent channels.
        first_row: row of the rectangle's upper edge in the whole image, latent pixels.
        first_column: column of its left edge, latent pixels.
        level: of the latents, where a model has several; 0 is the finest.

    Returns:
        float32 (height, width, channels), after the shape of seed and sample if they have one;
        values between -4.25 and 4.25.

    Raises:
        InputError: an argument is not an integer.

    Example:
        >>> whole = latent_noise(seed=1, sample=0, height=8, width=6, channels=3)
        >>> tile = latent_noise(1, 0, height=2, width=2, channels=3, first_row=4, first_column=1)
        >>> bool(tf.reduce_all(tile == whole[4:6, 1:3]))
        True
    """
    seed, sample = _word(seed), _word(sample)
    rank = max(seed.shape.rank, sample.shape.rank)
    rows = _word(_word(first_row) + tf.range(_word(height)))
    columns = _word(_word(first_column) + tf.range(_word(width)))
    pairs = (_word(channels) + 1) // 2
    chains = chains_of_level(level).reshape(-1, *[1] * rank)
    corner = hash_words(chains, seed, sample)[..., tf.newaxis, tf.newaxis]
    place = hash_words(corner, rows[:, tf.newaxis], columns)[..., tf.newaxis]
    channel = hash_words(CHAINS[:, np.newaxis], tf.range(pairs))

    mixed = tf.cast(mix_words(place, channel), tf.int32)
    first_digit = mixed // BASE
    digits = tf.stack([first_digit, mixed - first_digit * BASE], axis=-1)
    digits = tf.reshape(digits, tf.concat([tf.shape(mixed)[:-1], [-1]], axis=0))
    noise = tf.gather(tf.constant(normal_table()), digits)[..., : _word(channels)]
    sizes = [None if tf.is_tensor(size) else size for size in (height, width, channels)]
    # not ensure_shape: that is an operation, which other runtimes would have to know
    noise.set_shape([*noise.shape[:rank], *sizes])
    return noise


def chains_of_level(level: int) -> np.ndarray:
    """Return where the chains of hashes start for the places of one level of latents.

    Args:
        level: 0 for the finest.

    Returns:
        int64 (3,).

    Example:
        >>> chains_of_level(0), chains_of_level(1)
        (array([0, 1, 2]), array([3, 4, 5]))
    """
    return CHAINS + len(CHAINS) * level


def plane_seed(seed: Any, plane: Any) -> tf.Tensor:
    """Return the seed of one plane of a stack, so that planes do not share their noise.

    Args:
        seed: of the stack, an integer.
        plane: its number; plane 0 has the seed of the stack, as an image alone.

    Returns:
        int64 scalar tensor, from 0 to 2147395588.

    Raises:
        InputError: an argument is not an integer.

    Example:
        >>> int(plane_seed(7, plane=0)), int(plane_seed(7, plane=1))
        (7, 1183664206)
    """
    seed, plane = _word(seed), _word(plane)
    return tf.where(tf.equal(plane, 0), seed, hash_words(CHAINS[0], seed, plane))


def seed_of_image(image: Any) -> tf.Tensor:
    """Return the seed that an image has by itself: same image, same samples, anywhere.

    A sum of the pixels, rounded down to 1/256 count, each weighted by a hash of its row and a
    hash of its place within the row, modulo 2147395589: moving pixels changes it.

    Args:
        image: (y, x) or (y, x, channels), counts; a trailing axis of one changes nothing.

    Returns:
        int64 scalar tensor, from 0 to 2147395588.

    Raises:
        InputError: the image has fewer than two axes.

    Example:
        >>> int(seed_of_image([[100.0, 90.0], [80.0, 70.0]]))
        1217894019
    """
    image = tf.convert_to_tensor(image)
    if image.shape.rank is not None and image.shape.rank < 2:
        raise InputError(
            "A seed is made from an image of at least two axes.",
            f"shape {tuple(image.shape)}",
            "Give one image, (y, x) or (y, x, channels).",
        )
    return seeds_of_images(image[tf.newaxis])[0]


def seeds_of_images(images: Any) -> tf.Tensor:
    """Return `seed_of_image` of every image of a batch.

    Args:
        images: (batch, y, x) or (batch, y, x, channels), counts.

    Returns:
        int64 tensor (batch,).

    Example:
        >>> seeds_of_images([[[100.0, 90.0], [80.0, 70.0]], [[0.0, 0.0], [0.0, 0.0]]]).numpy()
        array([1217894019,          0])
    """
    images = tf.cast(images, tf.float32)
    shape = tf.shape(images, tf.int64)
    steps = tf.reshape(tf.floor(images * STEPS_PER_COUNT), tf.stack([shape[0], shape[1], -1]))
    steps = tf.cast(tf.clip_by_value(steps, -LARGEST_STEP, LARGEST_STEP), tf.int64)
    row_weights = hash_words(CHAINS[0], tf.range(shape[1]))
    weights = hash_words(CHAINS[1], tf.range(tf.shape(steps, tf.int64)[2]))
    row_sums = tf.reduce_sum(steps * weights % PRIME, axis=2) % PRIME
    return tf.reduce_sum(row_sums * row_weights % PRIME, axis=1) % PRIME


def hash_words(key: Any, *words: Any) -> Any:
    """Return the hash of a key and integers; shapes broadcast.

    One rule for all that knows +, * and %: Python's and NumPy's integers, TensorFlow's tensors,
    and those of an ONNX graph.

    Args:
        key: integer from 0 to PRIME - 1; int64 if it has a type.
        *words: integers from 0 to PRIME - 1, likewise.

    Returns:
        Integer from 0 to PRIME - 1.

    Example:
        >>> hash_words(0, 5), int(hash_words(np.int64(0), np.int64(5)))
        (986703337, 986703337)
    """
    for word in words:
        state = word
        for constant in ROUND_CONSTANTS:
            # not negative modulo the prime, but small enough for a square, and so saves one
            # remainder of the shape that state and key have together
            base = state + ((key + constant) % PRIME - PRIME)
            state = base * base % PRIME * base % PRIME
        key = (state + key) % PRIME
    return key


def mix_words(place: Any, channel: Any) -> Any:
    """Return the hash of a latent place and a pair of channels, from three hashes of each.

    Args:
        place: three integers from 0 to PRIME - 1, as for `hash_words`.
        channel: three more.

    Returns:
        Integer from 0 to PRIME - 1: two digits in the base BASE.

    Example:
        >>> mix_words((1, 2, 3), (4, 5, 6))
        2607
    """
    mixed = (place[0] * channel[0] + place[1]) % PRIME
    mixed = (mixed * mixed + place[2] * channel[1]) % PRIME
    return (mixed * mixed + place[0] * channel[2]) % PRIME


@functools.lru_cache(maxsize=1)
def normal_table() -> np.ndarray:
    """Return the normal quantiles of BASE equal slices, of zero mean and unit variance.

    Returns:
        float32 (BASE,), to be looked up by a digit.
    """
    inverse = statistics.NormalDist().inv_cdf
    lower = np.array([inverse((place + 0.5) / BASE) for place in range(BASE // 2)])
    table = np.concatenate([lower, -lower[::-1]])
    table /= np.sqrt(np.mean(table**2))
    return table.astype(np.float32)


def _word(number: Any) -> tf.Tensor:
    """Return integers of any size and sign as int64 below the prime."""
    if tf.is_tensor(number):
        return tf.cast(number, tf.int64) % PRIME
    try:
        return tf.constant(operator.index(number) % PRIME, tf.int64)
    except TypeError as error:
        raise InputError(
            "Seeds, sample numbers and latent places are integers.",
            repr(number),
            "Give a whole number, for example seed=0.",
        ) from error
