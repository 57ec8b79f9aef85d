"""One piece of the work on a large image: a tile is read, denoised and written."""

import dataclasses
import logging
from pathlib import Path
from typing import Any

import numpy as np

from divnoising_tf.errors import InputError
from divnoising_tf.large.layout import TIFF_ORDER, ZARR_ORDER, result_layout
from divnoising_tf.large.lazy_image import open_image
from divnoising_tf.large.tiff_result import TiffResult
from divnoising_tf.large.zarr_result import ZarrResult
from divnoising_tf.posterior.latent_noise import plane_seed
from divnoising_tf.posterior.tile_sampler import TileSampler
from divnoising_tf.posterior.tiled_planes import OUT_OF_MEMORY
from divnoising_tf.posterior.tiles import Tile, halo, tiles, tiles_of

_logger = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True)
class Job:
    """What is to be done with a large image, in plain values for any process.

    Attributes:
        image: path of the noisy image.
        axes: of the image, or None for its own.
        result: path of the result under construction.
        average: samples behind MMSE and uncertainty.
        antithetic: whether these come in pairs.
        samples: samples that are kept.
        seed: of the samples.
        tile_size: rows and columns of a tile without its halo, pixels.
        ome_zarr: version of OME-Zarr.
    """

    image: str
    axes: str | None
    result: str
    average: int
    antithetic: bool
    samples: int
    seed: int
    tile_size: int
    ome_zarr: str


class TileWork:
    """The tiles of a job, each of which can be done in any process, in any order, and again.

    Args:
        model: a trained `DivNoising`.
        job: what is to be done.
    """

    def __init__(self, model: Any, job: Job):
        self._model = model
        self._job = job
        self._image = open_image(job.image, job.axes)
        order = TIFF_ORDER if is_tiff(job.result) else ZARR_ORDER
        self._layout = result_layout(self._image, job.samples, order)
        self._tiles = tiles(self._image.size, job.tile_size, model.depth)
        self._part_size = job.tile_size
        self._result: ZarrResult | TiffResult | None = None

    def __len__(self) -> int:
        """Return the number of tiles of all planes."""
        return self._image.planes * len(self._tiles)

    def create_result(self) -> None:
        """Make a file for the result, without pixels, in place of what is there."""
        path, job = Path(self._job.result), self._job
        if is_tiff(path):
            self._result = TiffResult.create(path, self._layout, ome=".ome." in path.name.lower())
        else:
            self._result = ZarrResult.create(path, self._layout, job.tile_size, job.ome_zarr)

    @property
    def result(self) -> ZarrResult | TiffResult:
        """The file of the result, which must have been created."""
        if self._result is None:
            kind = TiffResult if is_tiff(self._job.result) else ZarrResult
            self._result = kind(Path(self._job.result), self._layout)
        return self._result

    def do(self, number: int) -> None:
        """Read, denoise and write one tile; in parts, if memory runs out.

        Args:
            number: from 0 to `len` - 1.

        Raises:
            InputError: the tile cannot be read, or there is not even memory for its parts.
            OSError: it cannot be written.
        """
        plane, place = divmod(number, len(self._tiles))
        waiting = self._divided(self._tiles[place])
        while waiting:
            try:
                self._denoise(plane, waiting[0])
                waiting.pop(0)
            except OUT_OF_MEMORY as error:
                self._halve(error)
                waiting = [part for tile in waiting for part in self._divided(tile)]

    def _denoise(self, plane: int, tile: Tile) -> None:
        pixels = self._image.read(plane, *tile.outer)
        sampler = TileSampler(self._model, pixels, tile, plane_seed(self._job.seed, plane))
        moments = sampler.moments(self._job.average, self._job.antithetic)
        self._write(plane, tile, 0, moments.mean)
        self._write(plane, tile, 1, moments.standard_deviation)
        number = 2
        for batch in sampler.batches(self._job.samples):
            for sample in batch:
                self._write(plane, tile, number, sample)
                number += 1

    def _divided(self, tile: Tile) -> list[Tile]:
        if self._part_size == self._job.tile_size:
            return [tile]
        return tiles_of(tile.core, self._image.size, self._part_size, self._model.depth)

    def _halve(self, error: BaseException) -> None:
        """Compute tiles in smaller parts from now on; they are written to the same places."""
        before, self._part_size = self._part_size, self._part_size // 2
        if self._part_size < halo(self._model.depth).decoder:
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

    def _write(self, plane: int, tile: Tile, number: int, pixels: np.ndarray) -> None:
        """Write one result of a tile, (y, x, channel): 0 the MMSE, 1 the uncertainty, …."""
        first = number * self._image.channels
        self.result.write(plane, *tile.core, first, np.moveaxis(pixels, -1, 0))


def is_tiff(path: str | Path) -> bool:
    """Say whether a result of this name is a TIFF.

    Raises:
        InputError: it is neither a TIFF nor an OME-Zarr.

    Example:
        >>> is_tiff("a.ome.tif"), is_tiff("a.zarr")
        (True, False)
    """
    name = str(path).lower()
    if name.endswith((".tif", ".tiff")):
        return True
    if name.endswith(".zarr"):
        return False
    raise InputError(
        "The name of the result must say what it is.", path, "Let it end in .zarr or .tif."
    )
