"""A tile of a large image as samplers: whole, or in parts when memory has run out."""

import logging
from collections.abc import Callable

from divnoising_tf.errors import InputError
from divnoising_tf.large.lazy_image import LazyImage
from divnoising_tf.latent_noise.noise import plane_seed
from divnoising_tf.posterior.contract import LatentVariableModel
from divnoising_tf.posterior.tiling.tile_sampler import TileSampler
from divnoising_tf.posterior.tiling.tiled_planes import OUT_OF_MEMORY
from divnoising_tf.posterior.tiling.tiles import Tile, tiles_of

_logger = logging.getLogger(__name__)


class TileParts:
    """Reads and encodes tiles, and divides those that memory does not bear.

    Args:
        model: that has been trained.
        image: the noisy image.
        seed: of the samples.
        tile_size: rows and columns of an undivided tile, pixels.
    """

    def __init__(self, model: LatentVariableModel, image: LazyImage, seed: int, tile_size: int):
        self._model = model
        self._image = image
        self._seed = seed
        self._tile_size = tile_size
        self._part_size = tile_size
        self._last: tuple[int, TileSampler] | None = None

    def visit(self, plane: int, tile: Tile, work: Callable[[TileSampler], None]) -> None:
        """Call `work(sampler)` for parts that cover a tile exactly once; it may be the whole tile.

        If memory runs out in a call, parts are halved from then on, a warning is logged, and
        the parts of this part are visited instead; so a call must leave nothing behind that
        another for the same place does not replace.

        Args:
            plane: its number.
            tile: from `tiles`, of the undivided size.
            work: what is done.

        Raises:
            InputError: the tile cannot be read, or memory runs out in the smallest parts.
        """
        waiting = self._divided(tile)
        while waiting:
            try:
                work(self._sampler(plane, waiting[0]))
                waiting.pop(0)
            except OUT_OF_MEMORY as error:
                self._halve(error)
                waiting = [part for tile in waiting for part in self._divided(tile)]

    def _sampler(self, plane: int, part: Tile) -> TileSampler:
        """Return the sampler of a part; one that is asked for again is not encoded again."""
        if self._last is not None:
            last_plane, sampler = self._last
            if (last_plane, sampler.tile) == (plane, part):
                return sampler
        self._last = None  # its memory is free for the next
        pixels = self._image.read(plane, *part.outer)
        sampler = TileSampler(self._model, pixels, part, plane_seed(self._seed, plane))
        self._last = plane, sampler
        return sampler

    def _divided(self, tile: Tile) -> list[Tile]:
        if self._part_size == self._tile_size:
            return [tile]
        return tiles_of(tile.core, self._image.size, self._part_size, self._model.reach)

    def _halve(self, error: BaseException) -> None:
        """Compute tiles in smaller parts from now on."""
        before, self._part_size = self._part_size, self._part_size // 2
        self._last = None
        if self._part_size < self._model.reach.decode:
            raise InputError(
                "There is not enough memory, even in small parts of tiles.",
                f"parts of {before} × {before} pixels",
                "Close other programs, or use a machine with more memory.",
            ) from error
        _logger.warning(
            "Memory ran out in tiles of %d pixels. Going on in parts of %d; the result stays the "
            "same.",
            before,
            self._part_size,
        )
