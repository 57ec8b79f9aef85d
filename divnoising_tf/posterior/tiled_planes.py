"""Every tile of every plane of a stack, and smaller tiles when memory runs out."""

import collections
import logging
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from divnoising_tf.errors import InputError
from divnoising_tf.posterior.memory import available_memory, largest_tile_size
from divnoising_tf.posterior.regions import region_samples
from divnoising_tf.posterior.running_moments import RunningMoments
from divnoising_tf.posterior.tile_sampler import PIXELS_AT_ONCE, TileSampler
from divnoising_tf.posterior.tiles import Region, Tile, halo, tiles, tiles_of

_logger = logging.getLogger(__name__)

OUT_OF_MEMORY = (tf.errors.ResourceExhaustedError, MemoryError)
# of the memory that is free at the start: for latents, so that a tile is encoded once
_KEPT_SHARE = 0.25
_SAMPLES_PER_PASS = 16


class TiledPlanes:
    """A stack of planes, to be sampled tile by tile.

    A tile is encoded once, if the latents of all tiles fit in memory together, or else once per
    visit. A plane that fits in one tile is one pass through the networks.

    Args:
        model: a trained `DivNoising`.
        pixels: (plane, y, x, channel), counts.
        seeds: one per plane.
        tile_size: pixels; None for the largest that memory bears.
        share: of the memory that these planes may take, for one of several in use together.

    Raises:
        InputError: the tile size is not a positive whole number.
    """

    def __init__(
        self,
        model: Any,
        pixels: np.ndarray,
        seeds: Sequence[Any],
        tile_size: int | None = None,
        share: float = 1.0,
    ):
        memory = available_memory()
        self._model = model
        self._pixels = pixels
        self._seeds = seeds
        self._size = pixels.shape[1:3]
        self._tile_size = largest_tile_size(model, memory) if tile_size is None else tile_size
        self._pixels_at_once = PIXELS_AT_ONCE
        self._kept: dict[tuple[int, int, int], TileSampler] = {}
        room = _KEPT_SHARE * share * memory
        self._keeps = self._latent_bytes() <= room
        self._per_pass = max(1, min(_SAMPLES_PER_PASS, int(room / (4 * pixels.size))))

    @property
    def tile_size(self) -> int:
        """Pixels along a tile's edge, now."""
        return self._tile_size

    @property
    def samples_per_visit(self) -> int:
        """How many samples to draw of a tile before the next, where one would do."""
        return 1 if self._keeps else self._per_pass

    def draw(self, stack: np.ndarray, first: int) -> None:
        """Fill a stack (n, plane, y, x, channel) with samples first to first + n - 1."""

        def draw(plane: int, sampler: TileSampler) -> None:
            rows, columns = sampler.tile.core
            place = stack[:, plane, rows, columns]
            filled = 0
            for batch in sampler.batches(len(stack), first):
                place[filled : filled + len(batch)] = batch
                filled += len(batch)

        self.visit(draw)

    def add(
        self,
        state: Sequence[np.ndarray],
        count: int,
        first: int,
        number: int,
        antithetic: bool,
        advance: Callable[[float], None],
    ) -> None:
        """Add draws first to first + number - 1 to the state of `RunningMoments`, in place.

        Args:
            state: arrays (plane, y, x, channel).
            count: how many draws they are made of so far.
            first: number of the first draw to add.
            number: how many to add.
            antithetic: whether draws are pairs.
            advance: is told how many samples of a plane were added.
        """

        def add(plane: int, sampler: TileSampler) -> None:
            places = [one[plane][sampler.tile.core] for one in state]
            share = places[0].size / state[0][plane].size
            running = RunningMoments(count, *places)
            for draw in sampler.draws(number, first, antithetic):
                running.add(*draw)
                advance(len(draw) * len(draw[0]) * share)
            for place, value in zip(places, running.state, strict=False):
                place[...] = value

        self.visit(add)

    def region(self, plane: int, region: Region, n: int) -> np.ndarray:
        """Return samples 0 to n - 1 of a region of one plane, (n, y, x, channel)."""
        return region_samples(self._model, self._pixels[plane], region, self._seeds[plane], n)

    def visit(self, work: Callable[[int, TileSampler], None]) -> None:
        """Call `work(plane, sampler)` for tiles that cover every plane exactly once.

        If memory runs out in a call, the tile size is halved, a warning is logged, and the
        parts of this tile are visited instead; so a call must leave nothing behind that another
        for the same place does not replace.

        Raises:
            InputError: memory runs out in the smallest tiles.
        """
        for plane in range(len(self._pixels)):
            waiting = collections.deque(tiles(self._size, self._tile_size, self._model.depth))
            while waiting:
                try:
                    work(plane, self._sampler(plane, waiting[0]))
                    waiting.popleft()
                except OUT_OF_MEMORY as error:
                    self._halve(error)
                    waiting = collections.deque(self._divided(waiting))

    def _sampler(self, plane: int, tile: Tile) -> TileSampler:
        place = (plane, tile.core[0].start, tile.core[1].start)
        if place in self._kept:
            return self._kept[place]
        sampler = TileSampler(
            self._model,
            self._pixels[plane][tile.outer],
            tile,
            self._seeds[plane],
            self._pixels_at_once,
        )
        if self._keeps:
            self._kept[place] = sampler
        return sampler

    def _latent_bytes(self) -> int:
        """Return the size of mean and standard deviation of all latents of all tiles."""
        places = sum(
            np.prod([part.stop - part.start for part in tile.latents])
            for tile in tiles(self._size, self._tile_size, self._model.depth)
        )
        return int(len(self._pixels) * places * self._model.latent_channels * 2 * 4)

    def _halve(self, error: BaseException) -> None:
        before = min(self._tile_size, max(self._size))
        smallest = halo(self._model.depth).decoder
        if before // 2 < smallest:
            raise InputError(
                "There is not enough memory to sample this image, even in the smallest tiles.",
                f"tiles of {before} pixels, {available_memory() / 2**20:.0f} MiB free",
                "Close other programs, or use a machine with more memory.",
            ) from error
        self._tile_size = before // 2
        self._pixels_at_once = min(self._pixels_at_once, self._tile_size**2)
        self._kept.clear()
        self._keeps = False
        self._per_pass = 1
        _logger.warning(
            "Memory ran out in tiles of %d pixels. Going on in tiles of %d; the result stays the "
            "same.",
            before,
            self._tile_size,
        )

    def _divided(self, waiting: collections.deque[Tile]) -> list[Tile]:
        depth = self._model.depth
        return [
            part
            for tile in waiting
            for part in tiles_of(tile.core, self._size, self._tile_size, depth)
        ]
