"""Every tile of every plane of a stack, and smaller tiles when memory runs out."""

import collections
import functools
import logging
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from divnoising_tf.errors import InputError
from divnoising_tf.machine.memory import available_memory
from divnoising_tf.posterior.contract import LatentVariableModel
from divnoising_tf.posterior.converged_moments import Advance, State, adding
from divnoising_tf.posterior.tiling.memory import largest_tile_size
from divnoising_tf.posterior.tiling.regions import shared_part
from divnoising_tf.posterior.tiling.tile_sampler import PIXELS_AT_ONCE, TileSampler
from divnoising_tf.posterior.tiling.tiles import Region, Tile, tiles, tiles_of

_logger = logging.getLogger(__name__)

OUT_OF_MEMORY = (tf.errors.ResourceExhaustedError, MemoryError)
# of the memory that is free at the start: for latents, so that a tile is encoded once
_KEPT_SHARE = 0.25
# likewise, for samples of a region that are held together
_REGION_SHARE = 0.25
_SAMPLES_PER_PASS = 16


class TiledPlanes:
    """A stack of planes, to be sampled tile by tile.

    Attributes:
        numbers_at_once: how many values of samples, float32, may be held in memory together.

    A tile is encoded once, if the contexts of all tiles fit in memory together, or else once per
    visit. A plane that fits in one tile is one pass through the networks.

    Args:
        model: that has been trained.
        pixels: (plane, y, x, channel), counts.
        seeds: one per plane.
        tile_size: pixels; None for the largest that memory bears.
        share: of the memory that these planes may take, for one of several in use together.

    Raises:
        InputError: the tile size is not a positive whole number.
    """

    def __init__(
        self,
        model: LatentVariableModel,
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
        largest = largest_tile_size(model, memory)
        self._tile_size = largest if tile_size is None else tile_size
        self._pixels_at_once = min(PIXELS_AT_ONCE, largest**2)
        self._kept: dict[tuple[int, int, int], TileSampler] = {}
        room = _KEPT_SHARE * share * memory
        self._keeps = self._context_bytes() <= room
        self._per_pass = max(1, min(_SAMPLES_PER_PASS, int(room / (4 * pixels.size))))
        self.numbers_at_once = int(_REGION_SHARE * share * memory / 4)

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
        state: State,
        drawn: int,
        draws: int,
        antithetic: bool,
        advance: Advance,
        first: int | None = None,
    ) -> None:
        """Add draws of all planes to running moments, in place, see `converged_moments.adding`."""
        self.visit(adding(state, drawn, draws, antithetic, advance, first))

    def region(
        self, plane: int, region: Region, n: int, all_will_follow: bool = False
    ) -> np.ndarray:
        """Return samples 0 to n - 1 of a region of one plane: those of the whole, cropped.

        Args:
            plane: number of the plane.
            region: rows and columns, from `regions.checked_region`.
            n: number of samples; all of them are held in memory.
            all_will_follow: whether all other regions of this plane will be asked for as well.

        Returns:
            float32 array (n, y, x, channel), counts.
        """
        sizes = (part.stop - part.start for part in region)
        stack = np.empty((n, *sizes, self._pixels.shape[-1]), np.float32)

        def draw(sampler: TileSampler) -> None:
            places, parts = zip(*map(shared_part, sampler.tile.core, region), strict=True)
            place = stack[:, places[0], places[1]]
            filled = 0
            for batch in sampler.batches(n):
                place[filled : filled + len(batch)] = batch[:, parts[0], parts[1]]
                filled += len(batch)

        self.visit_region(plane, region, draw, all_will_follow)
        return stack

    def visit(self, work: Callable[[int, TileSampler], None]) -> None:
        """Call `work(plane, sampler)` for tiles that cover every plane exactly once.

        If memory runs out in a call, the tile size is halved, a warning is logged, and the
        parts of this tile are visited instead; so a call must leave nothing behind that another
        for the same place does not replace.

        Raises:
            InputError: memory runs out in the smallest tiles.
        """
        region = slice(0, self._size[0]), slice(0, self._size[1])
        for plane in range(len(self._pixels)):
            self.visit_region(plane, region, functools.partial(work, plane), True)

    def visit_region(
        self,
        plane: int,
        region: Region,
        work: Callable[[TileSampler], None],
        all_will_follow: bool,
    ) -> None:
        """Call `work(sampler)` for tiles that cover a region of one plane, as `visit` does.

        Their cores may reach over the region by less than the model's multiple. What was encoded
        before is not encoded again.

        Args:
            plane: number of the plane.
            region: rows and columns, pixels.
            work: what is done with each tile.
            all_will_follow: encode whole tiles of the plane, to keep them for its other regions;
                otherwise no more is encoded than the region needs.

        Raises:
            InputError: memory runs out in the smallest tiles.
        """
        waiting = collections.deque(self._parts(region))
        while waiting:
            try:
                work(self._sampler(plane, waiting[0], all_will_follow))
                waiting.popleft()
            except OUT_OF_MEMORY as error:
                self._halve(error)
                waiting = collections.deque(self._divided(waiting))

    def _parts(self, region: Region) -> list[Tile]:
        """Return what each of the tiles of a plane shares with a region."""
        cell, reach = self._model.reach.multiple, self._model.reach
        first = tuple(part.start // cell * cell for part in region)
        aligned = tuple(
            slice(start, min(-(-part.stop // cell) * cell, length))
            for start, part, length in zip(first, region, self._size, strict=True)
        )
        parts = []
        for tile in tiles(self._size, self._tile_size, reach):
            shared = tuple(
                slice(max(core.start, part.start), min(core.stop, part.stop))
                for core, part in zip(tile.core, aligned, strict=True)
            )
            if all(part.start < part.stop for part in shared):
                parts += tiles_of((shared[0], shared[1]), self._size, self._tile_size, reach)
        return parts

    def _sampler(self, plane: int, part: Tile, keep: bool) -> TileSampler:
        """Return the sampler of a part of a tile."""
        cell = self._model.reach.multiple
        step = max(self._tile_size // cell, 1) * cell
        row, column = (core.start // step * step for core in part.core)
        place = (plane, row, column)
        if place in self._kept:
            return self._kept[place].part(part)
        if not (keep and self._keeps):
            return self._encoded(plane, part)
        height, width = self._size
        core = slice(row, min(row + step, height)), slice(column, min(column + step, width))
        (tile,) = tiles_of(core, self._size, step, self._model.reach)
        self._kept[place] = self._encoded(plane, tile)
        return self._kept[place].part(part)

    def _encoded(self, plane: int, tile: Tile) -> TileSampler:
        return TileSampler(
            self._model,
            self._pixels[plane][tile.outer],
            tile,
            self._seeds[plane],
            self._pixels_at_once,
        )

    def _context_bytes(self) -> int:
        """Return the size of the contexts of all tiles, float32."""
        values = sum(
            grid.channels * np.prod([part.stop - part.start for part in places])
            for tile in tiles(self._size, self._tile_size, self._model.reach)
            for grid in self._model.context_grids
            for places in [tile.decoded_places(grid.stride)]
        )
        return int(len(self._pixels) * values * 4)

    def _halve(self, error: BaseException) -> None:
        before = min(self._tile_size, max(self._size))
        smallest = self._model.reach.decode
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
        reach = self._model.reach
        return [
            part
            for tile in waiting
            for part in tiles_of(tile.core, self._size, self._tile_size, reach)
        ]
