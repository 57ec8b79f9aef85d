"""The latent noise of `posterior.latent_noise` as ONNX nodes: the same integers, the same table."""

from typing import Any

import numpy as np

from divnoising_tf.latent_noise.noise import (
    BASE,
    CHAINS,
    LARGEST_STEP,
    PRIME,
    STEPS_PER_COUNT,
    chains_of_level,
    hash_words,
    mix_words,
    normal_table,
    plane_seed,
)
from divnoising_tf.onnx_nodes.nodes import Tensor, node, outputs_of, vector


def latent_noise(
    seeds: Tensor, sample: Tensor, height: Tensor, width: Tensor, channels: int, level: int = 0
) -> Tensor:
    """Return the noise of one sample for a batch of seeds.

    Args:
        seeds: int64 (batch,).
        sample: its number, int64 scalar.
        height: rows, latent pixels, int64 scalar.
        width: columns, latent pixels, int64 scalar.
        channels: latent channels.
        level: of the latents, where a model has several; 0 is the finest.

    Returns:
        float32 (batch, channel, row, column), standard normal.
    """
    pairs = (channels + 1) // 2
    mixed = _mixed_words(seeds, sample, height, width, pairs, level)
    # in int32, and looked up from flat to flat: ONNX Runtime's fastest kernels for it
    first_digit = mixed // np.int32(BASE)
    second_digit = mixed - first_digit * np.int32(BASE)
    both = [node("Unsqueeze", digit, [2]) for digit in (first_digit, second_digit)]
    digits = node("Reshape", node("Concat", *both, axis=2), [-1])
    noise = node("GatherElements", normal_table(), digits, axis=0)
    noise = node("Reshape", noise, vector(-1, 2 * pairs, height, width))
    return noise if channels == 2 * pairs else node("Slice", noise, [0], [channels], [1])


def plane_seeds(seed: int, batch: Tensor) -> Tensor:
    """Return the seeds of the images of a batch where the user has fixed one.

    Args:
        seed: of any size and sign.
        batch: number of images, int64 scalar.

    Returns:
        int64 (batch,).
    """
    first = np.int64(plane_seed(seed, 0))
    planes = _places(batch)
    later = hash_words(hash_words(CHAINS[0], first), planes)
    return node("Where", node("Equal", planes, 0), first, later)


def seeds_of_images(images: Tensor) -> Tensor:
    """Return the seeds that the images of a batch have by themselves.

    Args:
        images: (batch, y, x, channel), counts.

    Returns:
        int64 (batch,).
    """
    steps = node("Floor", images * STEPS_PER_COUNT)
    steps = node("Clip", steps, -LARGEST_STEP, LARGEST_STEP)
    steps = node("Reshape", steps.cast(np.int64), [0, 0, -1])
    row_weights = hash_words(CHAINS[0], _places(steps.size(1)))
    weights = hash_words(CHAINS[1], _places(steps.size(2)))
    return _sum(_sum(steps * weights % PRIME) * row_weights % PRIME)


def _mixed_words(
    seeds: Tensor, sample: Tensor, height: Tensor, width: Tensor, pairs: int, level: int
) -> Any:
    """Return the hash of every latent place and pair of channels, int32."""
    corner = hash_words(chains_of_level(level)[:, np.newaxis], seeds, sample)
    rows = node("Unsqueeze", _places(height), [1])
    words = hash_words(node("Unsqueeze", corner, [2, 3, 4]), rows, _places(width))
    # (batch, 1, row, column) and (pair, 1, 1)
    place = [node("Squeeze", word, [0]) for word in outputs_of(3, "Split", words, axis=0)]
    numbers = np.arange(pairs, dtype=np.int64).reshape(-1, 1, 1)
    channel = [hash_words(chain, numbers) for chain in CHAINS]
    return mix_words(place, channel).cast(np.int32)


def _places(count: Tensor) -> Tensor:
    return node("Range", 0, count, 1)


def _sum(numbers: Tensor) -> Tensor:
    """Return the sum over the last axis, modulo the prime."""
    return node("ReduceSum", numbers, [-1], keepdims=0) % PRIME
