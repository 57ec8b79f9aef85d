"""Training patches, cut at random on the fly, and validation patches that stay the same."""

import math
import os
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from divnoising_tf.data.augmentation import SYMMETRIES, turned
from divnoising_tf.data.axes import to_planes
from divnoising_tf.data.checks import check_values, trainable_planes
from divnoising_tf.data.reading import Image, read_images
from divnoising_tf.data.splitting import Region, split
from divnoising_tf.errors import InputError


def patches(
    images: Any,
    patch_size: int = 128,
    batch_size: int = 32,
    validation_fraction: float = 0.15,
    seed: int = 0,
    augment: bool = True,
    axes: str | None = None,
    steps_per_epoch: int | None = None,
    first_epoch: int = 0,
) -> tuple[tf.data.Dataset, tf.data.Dataset | None]:
    """Cut images into patches for training and for validation.

    Training patches are random crops, each turned by one of the eight flips and rotations,
    made while training from the images in their own dtype. The crops of an epoch depend on
    the seed and the number of the epoch alone. Validation patches tile the held-out pixels,
    are the same in every epoch, are not turned, and share no pixel with the training ones:
    whole images if there are enough, otherwise a part of each image.

    Args:
        images: counts: an array (y, x), (n, y, x) or (n, y, x, channel), or one with `axes`;
            a list of such arrays, which may differ in height and width; what `read_images`
            gave; or a file, a folder or a list of files. Blank ones are left out.
        patch_size: side of a patch, pixels; a multiple of 2 to the power of the model's depth.
        batch_size: patches in a batch.
        validation_fraction: share of the pixels held out, below 1; 0 for none.
        seed: not negative; decides what is held out and what is drawn.
        augment: whether training patches are flipped and rotated.
        axes: axes string of every image, such as "TYX"; None to take a file's own axes, or
            "YX", "SYX" and "SYXC" by the number of axes of an array.
        steps_per_epoch: batches in an epoch; None for as many as tile the images once.
        first_epoch: number of the first epoch drawn, to go on with an interrupted training.

    Returns:
        Two datasets of float32 batches (batch, y, x, channel) in counts, of known
        cardinality. Validation is None if the fraction is 0.

    Raises:
        InputError: images that are smaller than a patch, of different types or channels,
            without any contrast, not finite; arguments out of range.

    Example:
        >>> train, validation = patches(np.random.rand(10, 64, 64), patch_size=32, batch_size=8)
        >>> next(iter(train)).shape
        TensorShape([8, 32, 32, 1])
        >>> int(train.cardinality()), int(validation.cardinality())
        (4, 1)
    """
    check_arguments(patch_size, batch_size, validation_fraction, seed, steps_per_epoch)
    named = named_planes(images, axes)
    _check_sizes(named, patch_size)
    planes = [plane for _, plane in named]
    sizes = [plane.shape[:2] for plane in planes]
    training, held_out = split(sizes, patch_size, validation_fraction, seed)
    drawn = _RandomCrops(planes, training, patch_size, seed, augment, first_epoch)
    steps = steps_per_epoch or math.ceil(drawn.patches_per_tiling / batch_size)
    train = _dataset(lambda: drawn.epoch(steps, batch_size), (batch_size, *drawn.shape), steps)
    if not held_out:
        return train, None
    places = [place for region in held_out for place in _tiles(region, patch_size)]
    batches = [places[i : i + batch_size] for i in range(0, len(places), batch_size)]
    validation = _dataset(
        lambda: (_crops(planes, batch, patch_size) for batch in batches),
        (None, *drawn.shape),
        len(batches),
    )
    return train, validation


class _RandomCrops:
    """Draws epochs of random crops; counts the epochs that were begun."""

    def __init__(
        self,
        planes: list[np.ndarray],
        regions: list[Region],
        patch_size: int,
        seed: int,
        augment: bool,
        first_epoch: int,
    ):
        self._planes = planes
        self._regions = np.array(regions)
        self._patch_size = patch_size
        self._seed = seed
        self._augment = augment
        self._next_epoch = first_epoch
        # how many patches of each region tile it once
        tiles = [max(1, round(region.area / patch_size**2)) for region in regions]
        self._deck = np.repeat(np.arange(len(regions)), tiles)
        self.patches_per_tiling = len(self._deck)
        self.shape = (patch_size, patch_size, planes[0].shape[-1])

    def epoch(self, steps: int, batch_size: int) -> Iterator[np.ndarray]:
        """Yield the batches of the next epoch."""
        # 1 keeps these numbers apart from those that chose what is held out
        random = np.random.default_rng([self._seed, 1, self._next_epoch])
        self._next_epoch += 1
        for regions in self._dealt(random, steps * batch_size).reshape(steps, batch_size):
            plane, top, left, height, width, _ = self._regions[regions].T
            rows = top + random.integers(height - self._patch_size + 1)
            columns = left + random.integers(width - self._patch_size + 1)
            places = list(zip(plane.tolist(), rows.tolist(), columns.tolist(), strict=True))
            batch = _crops(self._planes, places, self._patch_size)
            yield (
                turned(batch, random.integers(SYMMETRIES, size=batch_size))
                if (self._augment)
                else batch
            )

    def _dealt(self, random: np.random.Generator, number: int) -> np.ndarray:
        """Return one region per patch: the shuffled deck, as often as it takes."""
        decks = math.ceil(number / len(self._deck))
        return np.concatenate([random.permutation(self._deck) for _ in range(decks)])[:number]


def _dataset(generator: Any, shape: tuple[int | None, ...], batches: int) -> tf.data.Dataset:
    signature = tf.TensorSpec(shape, tf.float32)
    dataset = tf.data.Dataset.from_generator(generator, output_signature=signature)
    return dataset.apply(tf.data.experimental.assert_cardinality(batches)).prefetch(2)


def _crops(
    planes: list[np.ndarray], places: Sequence[tuple[int, int, int]], size: int
) -> np.ndarray:
    batch = np.empty((len(places), size, size, planes[0].shape[-1]), np.float32)
    for patch, (plane, row, column) in zip(batch, places, strict=True):
        patch[...] = planes[plane][row : row + size, column : column + size]
    return batch


def _tiles(region: Region, size: int) -> list[tuple[int, int, int]]:
    rows = range(region.top, region.top + region.height - size + 1, size)
    columns = range(region.left, region.left + region.width - size + 1, size)
    return [(region.plane, row, column) for row in rows for column in columns]


def named_planes(images: Any, axes: str | None) -> list[tuple[str, np.ndarray]]:
    """Return all planes (y, x, channel) that show something, as views of the images."""
    named = _named_images(images, axes)
    stacks = []
    for name, image, its_axes in named:
        check_values(image, name)
        stacks.append(to_planes(image, its_axes).array)
    return trainable_planes([name for name, _, _ in named], stacks)


def _named_images(images: Any, axes: str | None) -> list[tuple[str, np.ndarray, str | None]]:
    if _is_path(images) or (_is_list(images) and any(_is_path(one) for one in images)):
        images = read_images(images, axes)
    if _is_list(images) and images and all(isinstance(one, Image) for one in images):
        return [(image.name, image.array, image.axes) for image in images]
    if not _is_list(images):
        array = np.asarray(images)
        return [("the images", array, axes or ("SYXC" if array.ndim == 4 else None))]
    if not images:
        raise InputError("There are no images.", "an empty list", "Give at least one image.")
    return [(f"image {i}", np.asarray(one), axes) for i, one in enumerate(images)]


def _is_path(value: Any) -> bool:
    return isinstance(value, (str, os.PathLike))


def _is_list(value: Any) -> bool:
    return isinstance(value, (list, tuple))


def _check_sizes(planes: list[tuple[str, np.ndarray]], patch_size: int) -> None:
    name, smallest = min(planes, key=lambda named: min(named[1].shape[:2]))
    largest = min(smallest.shape[:2])
    if largest >= patch_size:
        return
    raise InputError(
        f"Patches of {patch_size} pixels do not fit into the smallest image.",
        f"{name} of {smallest.shape[0]} x {smallest.shape[1]} pixels",
        f"The largest patch size that fits is {largest}; or leave the small images out, or "
        "name the axes if they were taken wrongly.",
    )


def check_arguments(
    patch_size: int, batch_size: int, fraction: float, seed: int, steps: int | None
) -> None:
    """Refuse numbers that `patches` cannot take, whatever the images are.

    Raises:
        InputError: one of them.
    """
    for name, value in (
        ("patch_size", patch_size),
        ("batch_size", batch_size),
        ("steps_per_epoch", 1 if steps is None else steps),
    ):
        if value != int(value) or value < 1:
            raise InputError(f"{name} must be a positive whole number.", value, "Give 1 or more.")
    if not 0 <= fraction < 1:
        raise InputError(
            "validation_fraction must be a share of the pixels.",
            fraction,
            "Give 0 for no validation, or a number below 1 such as 0.15.",
        )
    if seed != int(seed) or seed < 0:
        raise InputError("The seed must be a whole number.", seed, "Give 0 or more.")
