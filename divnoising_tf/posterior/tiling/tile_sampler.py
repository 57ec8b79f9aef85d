"""The posterior of one tile, equal to this part of the posterior of the whole image."""

import copy
from collections.abc import Iterator
from typing import Any

import numpy as np

from divnoising_tf.data.checks import check_count
from divnoising_tf.errors import InputError
from divnoising_tf.posterior.checks import check_image, check_trained
from divnoising_tf.posterior.contract import LatentVariableModel
from divnoising_tf.posterior.prefetching import prefetched
from divnoising_tf.posterior.tiling.tiles import Tile

# samples are decoded together up to this many pixels, those of the largest tile
PIXELS_AT_ONCE = 1024 * 1024
_SAMPLES_AT_ONCE = 16


class TileSampler:
    """Samples of one tile: encoded once, decoded as often as wanted.

    The latent noise of sample k belongs to the place in the whole image, so tiles put side by
    side are the samples of the whole image, whatever the tiles and their order.

    Args:
        model: that has been trained.
        pixels: the image at `tile.outer`, (y, x, channel), counts.
        tile: from `tiles.tiles`, for the reach of this model.
        seed: of the samples of this plane; `latent_noise.plane_seed` gives that of a plane of
            a stack.
        pixels_at_once: samples are decoded together up to about this many pixels.

    Raises:
        InputError: the pixels are not those of the tile, or cannot be used, or the model has
            not been trained.

    Example:
        >>> from divnoising_tf import DivNoising, GaussianNoiseModel
        >>> from divnoising_tf.posterior.tiling.tiles import tiles
        >>> model = DivNoising(GaussianNoiseModel(5.0), data_mean=100, data_standard_deviation=20)
        >>> image = np.full((40, 70, 1), 100.0)
        >>> result = np.empty((40, 70, 1))
        >>> for tile in tiles((40, 70), 32, model.reach):
        ...     sampler = TileSampler(model, image[tile.outer], tile, seed=0)
        ...     result[tile.core] = sampler.sample(count=4).mean(axis=0)
    """

    def __init__(
        self,
        model: LatentVariableModel,
        pixels: Any,
        tile: Tile,
        seed: Any,
        pixels_at_once: int = PIXELS_AT_ONCE,
    ):
        check_trained(model)
        pixels = check_image(pixels)
        _check_shape(pixels.shape, tile, model.channels)
        self.tile = tile
        self._model = model
        self._seed = seed
        self._context = tuple(
            tensor[:, rows, columns]
            for tensor, (rows, columns) in zip(
                model.encode(pixels[np.newaxis]),
                (tile.decoded_places(grid.stride) for grid in model.context_grids),
                strict=True,
            )
        )
        self._pixels_at_once = pixels_at_once

    def part(self, tile: Tile) -> "TileSampler":
        """Return the sampler of a part of this tile, without encoding it again.

        Args:
            tile: from `tiles.tiles_of`, whose core lies in that of this one.
        """
        if tile.core == self.tile.core:
            return self
        other = copy.copy(self)
        other.tile = tile
        other._context = tuple(
            tensor[:, rows, columns]
            for tensor, (rows, columns) in zip(
                self._context,
                (self.tile.part_places(tile, grid.stride) for grid in self._model.context_grids),
                strict=True,
            )
        )
        return other

    def sample(self, first: int = 0, count: int = 1, opposite: bool = False) -> np.ndarray:
        """Return samples `first` to `first + count - 1`, decoded together.

        Args:
            first: number of the first sample.
            count: number of samples.
            opposite: return their antithetic partners: the latent noise with the other sign.

        Returns:
            float32 array (count, y, x, channel) of the core, counts.
        """
        signal = self._model.decode_samples(
            self._context, self._seed, first, count, self.tile.first_place(stride=1), opposite
        )
        rows, columns = self.tile.core_in_decoded
        return signal[:, rows, columns, :].numpy()

    def batches(self, n: int, first: int = 0, opposite: bool = False) -> Iterator[np.ndarray]:
        """Yield samples `first` to `first + n - 1`, as many together as memory bears.

        Args:
            n: number of samples in all.
            first: number of the first sample.
            opposite: yield their antithetic partners.

        Yields:
            float32 arrays (count, y, x, channel) of the core, counts.
        """
        for (batch,) in self._computed(first, n, (opposite,)):
            yield batch

    def draws(
        self, n: int, first: int = 0, antithetic: bool = False
    ) -> Iterator[tuple[np.ndarray, ...]]:
        """Yield what `RunningMoments.add` takes, for n samples or n antithetic pairs.

        Args:
            n: number of samples, or of pairs.
            first: number of the first.
            antithetic: whether each sample comes with its partner.

        Yields:
            A batch, or a batch and that of the partners, as `batches` does.
        """
        yield from self._computed(first, n, (False, True) if antithetic else (False,))

    def _computed(
        self, first: int, n: int, sides: tuple[bool, ...]
    ) -> Iterator[tuple[np.ndarray, ...]]:
        """Yield batches of samples, one for each side of their mean, the next ones under way."""
        size = tuple(part.stop - part.start for part in self.tile.decoded)
        at_once = samples_at_once(size, self._pixels_at_once)

        def draw(start: int) -> tuple[np.ndarray, ...]:
            count = min(at_once, first + n - start)
            return tuple(self.sample(start, count, opposite) for opposite in sides)

        return prefetched(draw, range(first, first + n, at_once))


def number_of_draws(n: int, antithetic: bool) -> int:
    """Return how many samples, or pairs, are drawn for n samples; refuse what cannot be."""
    if not antithetic:
        check_count(n, least=2)
        return n
    check_count(n, least=4)
    if n % 2:
        raise InputError(
            "Antithetic samples come in pairs.", f"n={n}", f"Take n={n + 1}, or no pairs."
        )
    return n // 2


def samples_at_once(size: tuple[int, ...], pixels: int = PIXELS_AT_ONCE) -> int:
    """Return how many samples of this size, (y, x) in pixels, are decoded together."""
    return max(1, min(_SAMPLES_AT_ONCE, pixels // (size[0] * size[1])))


def _check_shape(shape: tuple[int, ...], tile: Tile, channels: int) -> None:
    expected = (*(part.stop - part.start for part in tile.outer), channels)
    if shape != expected:
        raise InputError(
            "These pixels are not those of the tile.",
            f"shape {shape}, expected {expected}",
            "Give image[tile.outer] of an image (y, x, channel).",
        )
