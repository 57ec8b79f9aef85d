"""One piece of the work on a large image: a tile is read, denoised and written."""

import dataclasses
import functools
from pathlib import Path

import numpy as np

from divnoising_tf.data.tiff_options import ORDER
from divnoising_tf.errors import InputError
from divnoising_tf.large.layout import ZARR_ORDER, result_layout
from divnoising_tf.large.opening import open_image
from divnoising_tf.large.tiff_result import TiffResult
from divnoising_tf.large.tile_parts import TileParts
from divnoising_tf.large.tile_report import TileReport
from divnoising_tf.large.zarr_result import ZarrResult
from divnoising_tf.noise_models.outliers import bounds_of, outliers
from divnoising_tf.posterior.contract import LatentVariableModel
from divnoising_tf.posterior.converged_moments import (
    Advance,
    ConvergedMoments,
    State,
    adding,
    converged_moments,
)
from divnoising_tf.posterior.stopping import StoppingRule
from divnoising_tf.posterior.tiling.tile_sampler import TileSampler, number_of_draws
from divnoising_tf.posterior.tiling.tiles import Tile, tiles


@dataclasses.dataclass(frozen=True)
class Job:
    """What is to be done with a large image, in plain values for any process.

    Attributes:
        image: path of the noisy image.
        axes: of the image, or None for its own.
        channels_as_planes: whether a model of one channel takes the channels one by one.
        result: path of the result under construction.
        average: samples behind MMSE and uncertainty; with a tolerance, the most.
        tolerance: of the mean of a tile, see `StoppingRule`.
        tolerance_counts: likewise, in counts.
        antithetic: whether these come in pairs.
        samples: samples that are kept.
        seed: of the samples.
        tile_size: rows and columns of a tile without its halo, pixels.
        ome_zarr: version of OME-Zarr.
    """

    image: str
    axes: str | None
    channels_as_planes: bool
    result: str
    average: int
    tolerance: float | None
    tolerance_counts: float | None
    antithetic: bool
    samples: int
    seed: int
    tile_size: int
    ome_zarr: str


class TileWork:
    """The tiles of a job, each of which can be done in any process, in any order, and again.

    Args:
        model: that has been trained.
        job: what is to be done.
    """

    def __init__(self, model: LatentVariableModel, job: Job):
        self._model = model
        self._job = job
        self._image = open_image(job.image, job.axes, job.channels_as_planes)
        order = ORDER if is_tiff(job.result) else ZARR_ORDER
        self._layout = result_layout(self._image, job.samples, order)
        self._tiles = tiles(self._image.size, job.tile_size, model.reach)
        self._parts = TileParts(model, self._image, job.seed, job.tile_size)
        draws = number_of_draws(job.average, job.antithetic)
        self._rule = StoppingRule(draws, job.tolerance, job.tolerance_counts)
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

    def do(self, number: int) -> TileReport:
        """Read, denoise and write one tile; in parts, if memory runs out.

        With a tolerance, how many samples it takes is decided by this tile alone, so that it is
        the same in every process and order.

        Args:
            number: from 0 to `len` - 1.

        Raises:
            InputError: the tile cannot be read, or there is not even memory for its parts.
            OSError: it cannot be written.
        """
        plane, place = divmod(number, len(self._tiles))
        tile = self._tiles[place]
        moments = self._moments(plane, tile)
        self._write(plane, tile, 0, moments.mean[0])
        self._write(plane, tile, 1, moments.standard_deviation[0])
        if self._job.samples:
            self._parts.visit(plane, tile, functools.partial(self._write_samples, plane))
        hot = outliers(self._image.read(plane, *tile.core), bounds_of(self._model))
        return TileReport(moments.samples, moments.standard_error, moments.excess, hot)

    def _moments(self, plane: int, tile: Tile) -> ConvergedMoments:
        rows, columns = tile.core
        shape = (1, rows.stop - rows.start, columns.stop - columns.start, self._image.channels)
        origin = (rows.start, columns.start)

        def add(state: State, drawn: int, draws: int, pairs: bool, advance: Advance) -> None:
            work = adding(state, drawn, draws, pairs, advance, origin=origin)
            self._parts.visit(plane, tile, functools.partial(work, 0))

        return converged_moments(shape, self._rule, self._job.antithetic, add, show=False)

    def _write_samples(self, plane: int, sampler: TileSampler) -> None:
        number = 2
        for batch in sampler.batches(self._job.samples):
            for sample in batch:
                self._write(plane, sampler.tile, number, sample)
                number += 1

    def _write(self, plane: int, tile: Tile, number: int, pixels: np.ndarray) -> None:
        """Write one result of a tile, (y, x, channel): 0 the MMSE, 1 the uncertainty, …."""
        stack_plane, channel = self._image.stack_place(plane)
        first = number * self._image.file_channels + channel
        self.result.write(stack_plane, *tile.core, first, np.moveaxis(pixels, -1, 0))


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
