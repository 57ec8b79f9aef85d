"""Denoises an image of any size from file to file, and goes on where it was stopped."""

import contextlib
import hashlib
import itertools
import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from divnoising_tf._version import __version__
from divnoising_tf.data.channels_as_planes import warn_of_channels
from divnoising_tf.data.checks import check_count
from divnoising_tf.data.zarr_reading import is_zarr, ome_zarr_version
from divnoising_tf.errors import InputError
from divnoising_tf.files.atomic import atomic_path, refuse_existing
from divnoising_tf.large.channel_means import channel_means
from divnoising_tf.large.dask_workers import do_on_workers
from divnoising_tf.large.lazy_image import LazyImage
from divnoising_tf.large.model_digest import model_digest
from divnoising_tf.large.opening import open_image
from divnoising_tf.large.tile_report import TileReport, log_reports, outliers_of_all
from divnoising_tf.large.tile_work import Job, TileWork, is_tiff
from divnoising_tf.large.unfinished import Unfinished
from divnoising_tf.large.zarr_result import check_version
from divnoising_tf.machine.memory import available_memory
from divnoising_tf.models.base import VariationalDenoiser
from divnoising_tf.noise_models.outliers import warn_of_denoising
from divnoising_tf.noise_models.units import check_units
from divnoising_tf.posterior.checks import check_trained
from divnoising_tf.posterior.stopping import StoppingRule
from divnoising_tf.posterior.tiling.memory import largest_tile_size
from divnoising_tf.posterior.tiling.tile_sampler import number_of_draws
from divnoising_tf.progress import progress

_WORKERS_TILE = 512  # pixels: takes some hundreds of megabytes
_CHECKED_AT_ONCE = 1024  # rows and columns, pixels


def denoise_large(
    model: VariationalDenoiser,
    image: str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    average: int = 100,
    tolerance: float | None = None,
    tolerance_counts: float | None = None,
    antithetic: bool = False,
    samples: int = 0,
    axes: str | None = None,
    channels_as_planes: bool = False,
    seed: int = 0,
    tile_size: int | None = None,
    ome_zarr: str | None = None,
    scheduler: str | None = None,
    overwrite: bool = False,
) -> Path:
    """Denoise an image that does not fit in memory, tile by tile, from file to file.

    The result is an OME-Zarr or a TIFF, float32 counts, with the image's axes and pixel sizes and
    the channels "mean", "uncertainty" and, if asked, "sample 1", "sample 2", …. It equals what
    `model.posterior(image, seed=seed)` gives, whatever the tiles. Until it is complete it lies
    in a folder `OUTPUT.partial`; the same call goes on with it after a kill.

    Args:
        model: that has been trained.
        image: path of an OME-Zarr (0.1 to 0.5), a Zarr array, or a TIFF.
        output: path of the result, ending in .zarr, .tif or .ome.tif.
        average: samples behind MMSE and uncertainty, at least 2; with a tolerance, the most.
        tolerance: of the mean, in units of the samples' standard deviation, see
            `Posterior.moments`. Every tile stops by itself, as soon as it is within it; so the
            number of samples differs between tiles, and depends on the tile size.
        tolerance_counts: likewise, in counts.
        antithetic: whether these are drawn in pairs, see `Posterior.moments`.
        samples: samples that are kept.
        axes: one letter per axis of the image; None for those of its metadata.
        channels_as_planes: whether a model of one channel denoises the channels of the image
            one by one, each like the planes it was trained on. A warning says how bright the
            channels are beside the training data.
        seed: same seed, same samples.
        tile_size: rows and columns of a tile, pixels; None to choose by the free memory.
        ome_zarr: version "0.4" or "0.5"; None for that of the image, and "0.5" for a TIFF.
        scheduler: address of a Dask scheduler whose workers do the tiles; None for this process.
        overwrite: whether an existing result, or one begun with other settings, is replaced.

    Returns:
        The path of the result.

    Raises:
        InputError: the image or an argument cannot be used; the result exists; an unfinished one
            was begun with other settings; the disk is full; a library is missing.

    Example:
        >>> denoise_large(model, "big.zarr", "clean.zarr", average=100)  # doctest: +SKIP
        PosixPath('clean.zarr')
    """
    check_trained(model)
    StoppingRule(number_of_draws(average, antithetic), tolerance, tolerance_counts)
    check_count(samples, least=0)
    output = _checked_output(output, image, overwrite)
    source = open_image(os.path.abspath(image), axes, channels_as_planes)
    source.require_channels(model.channels)
    regions = list(source.some_regions())
    check_units(regions, model.noise_model)
    if source.channels < source.file_channels:
        warn_of_channels(model, channel_means(source))
    unfinished = Unfinished(output)
    job = Job(
        image=str(source.path),
        axes=axes,
        channels_as_planes=channels_as_planes,
        result=str(unfinished.result),
        average=average,
        tolerance=tolerance,
        tolerance_counts=tolerance_counts,
        antithetic=antithetic,
        samples=samples,
        seed=seed,
        tile_size=_tile_size(model, tile_size, unfinished, scheduler),
        ome_zarr=ome_zarr or (ome_zarr_version(source.path) if is_zarr(source.path) else "0.5"),
    )
    check_version(job.ome_zarr)
    digest = model_digest(model)
    settings = _settings(job, digest, _image_digest(source, regions))
    work = TileWork(model, job)
    with unfinished.locked(), _disk_errors(unfinished):
        if not unfinished.can_go_on(settings, overwrite):
            _check_pixels(source)
            unfinished.clear()
            work.create_result()
            unfinished.journal.begin(settings)
        _do_tiles(unfinished, work, job, model, digest, scheduler)
        reports = [TileReport.of_text(line) for line in unfinished.journal.done().values()]
        if tolerance is not None or tolerance_counts is not None:
            log_reports(reports)
        if hot := outliers_of_all(reports, math.prod(source.shape)):
            warn_of_denoising({source.path.name: hot}, 1, model)
        work.result.finish()
        unfinished.finish(overwrite)
    return output


def _checked_output(
    output: str | os.PathLike[str], image: str | os.PathLike[str], overwrite: bool
) -> Path:
    path = Path(os.path.abspath(output))
    is_tiff(path)
    refuse_existing(path, overwrite)
    if path.resolve() == Path(image).resolve():
        raise InputError(
            "The result would replace the image that it is made from.", path, "Choose another name."
        )
    return path


def _settings(job: Job, model: str, image: str) -> dict[str, Any]:
    """Return what must be equal for two calls to do the same work; words for the user."""
    return {
        "image": image,
        "model": model,
        "average": job.average,
        "tolerance": job.tolerance,
        "tolerance in counts": job.tolerance_counts,
        "antithetic": job.antithetic,
        "samples": job.samples,
        "seed": job.seed,
        "channels as planes": job.channels_as_planes,
        "tile size": job.tile_size,
        "OME-Zarr": job.ome_zarr,
        "divnoising_tf": __version__,
    }


@contextlib.contextmanager
def _disk_errors(unfinished: Unfinished) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(
            "The result could not be written.",
            f"{unfinished.folder} ({error.strerror or error})",
            "Make space on the disk, or see to your rights, and start again: the work goes on "
            "where it stopped.",
        ) from error


def _do_tiles(
    unfinished: Unfinished,
    work: TileWork,
    job: Job,
    model: VariationalDenoiser,
    digest: str,
    scheduler: str | None,
) -> None:
    """Do all tiles that are not done yet."""
    done = unfinished.journal.done()
    tiles = [number for number in range(len(work)) if number not in done]
    with progress("Denoising tiles", total=len(work)) as advance:
        advance(len(done))

        def mark(number: int, report: TileReport) -> None:
            unfinished.journal.add(number, report.text())
            advance(1)

        if scheduler is not None and tiles:
            with atomic_path(unfinished.model, overwrite=True) as temporary:
                model.save(temporary)
            do_on_workers(scheduler, str(unfinished.model), digest, job, tiles, mark)
        else:
            for number in tiles:
                mark(number, work.do(number))


def _check_pixels(source: LazyImage) -> None:
    """Read the whole image where its pixels can be NaN or infinite, before hours of work."""
    if source.dtype.kind != "f":
        return
    corners = [range(0, length, _CHECKED_AT_ONCE) for length in source.size]
    places = list(itertools.product(range(source.planes), *corners))
    with progress("Checking pixels", total=len(places)) as advance:
        for plane, row, column in places:
            bottom = min(row + _CHECKED_AT_ONCE, source.size[0])
            right = min(column + _CHECKED_AT_ONCE, source.size[1])
            source.read(plane, slice(row, bottom), slice(column, right))
            advance(1)


def _image_digest(source: LazyImage, regions: list[Any]) -> str:
    """Return a digest of the shape of an image and of some of its pixels."""
    digest = hashlib.sha256(repr((source.axes, source.shape, str(source.dtype))).encode())
    for region in regions:
        digest.update(region.tobytes())
    return digest.hexdigest()[:16]


def _tile_size(
    model: VariationalDenoiser, wanted: int | None, unfinished: Unfinished, scheduler: str | None
) -> int:
    """Return rows and columns of a tile: those wanted, or begun with, or that memory bears."""
    if wanted is None and unfinished.begun:
        return int(unfinished.journal.settings["tile size"])
    if wanted is None:
        # the memory of workers is not known here
        return _WORKERS_TILE if scheduler else largest_tile_size(model, available_memory())
    check_count(wanted)
    # cores of tiles start at multiples of the model's
    multiple: int = model.reach.multiple
    return max(wanted // multiple, 1) * multiple
