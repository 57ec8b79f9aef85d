"""`divnoising denoise`: noisy images in, MMSE images and their uncertainty out."""

import enum
import itertools
from pathlib import Path
from typing import Annotated, Any, NamedTuple, Optional

import typer

from divnoising_tf.cli import _options
from divnoising_tf.cli._application import announce, tell
from divnoising_tf.cli._inputs import load_model, refuse_existing
from divnoising_tf.cli._large import (
    denoise_large_images,
    large_images,
    large_results,
    names_a_file,
    refuse_existing_unless_unfinished,
    refuse_for_large,
)
from divnoising_tf.cli._settings import settings_path, write_settings
from divnoising_tf.errors import InputError


class Format(str, enum.Enum):
    """Formats of images that are written."""

    tif = "tif"
    ome_tif = "ome.tif"
    npy = "npy"


class PixelType(str, enum.Enum):
    """Types of pixels that are written."""

    float32 = "float32"
    uint16 = "uint16"
    uint8 = "uint8"


class OmeZarr(str, enum.Enum):
    """Versions of OME-Zarr that are written."""

    v04 = "0.4"
    v05 = "0.5"


class _Results(NamedTuple):
    mmse: Path
    uncertainty: Path
    map: Path
    samples: Path


def denoise(
    context: typer.Context,
    images: Annotated[
        list[Path],
        typer.Argument(
            help="Noisy images: a folder, or files (TIFF, .npy, .npz), or OME-Zarr.",
            show_default=False,
        ),
    ],
    model: _options.Model,
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", help="Folder for the results; or one .zarr or .tif for one image."
        ),
    ],
    average: Annotated[
        int, typer.Option(min=2, help="Clean images averaged; 1000 is better, and slower.")
    ] = 100,
    tolerance: Annotated[
        Optional[float],  # noqa: UP045
        typer.Option(
            help="Stop before --average clean images, once their mean is settled to this many "
            "counts: its standard error, the root mean square over the pixels.",
            show_default=False,
        ),
    ] = None,
    antithetic: Annotated[
        bool,
        typer.Option(
            "--antithetic",
            help="Draw the clean images in pairs that lie opposite each other: their mean settles "
            "with far fewer of them. The uncertainty is that of half as many.",
        ),
    ] = False,
    augment: _options.Augment = False,
    samples: Annotated[
        int,
        typer.Option(min=0, help="Also write this many of the possible clean images, as a stack."),
    ] = 0,
    mode: Annotated[
        bool,
        typer.Option(
            "--mode", help="Also write the most probable clean image, from as many samples."
        ),
    ] = False,
    axes: _options.Axes = None,
    pixels: Annotated[
        PixelType,
        typer.Option(
            help="Of all but the uncertainty. Integers are rounded, and clipped with a warning."
        ),
    ] = PixelType.float32,
    file_format: Annotated[
        Format, typer.Option("--format", help="tif opens as a hyperstack in Fiji.")
    ] = Format.tif,
    ome_zarr: Annotated[
        Optional[OmeZarr],  # noqa: UP045 - as in _options
        typer.Option(help="Version of an OME-Zarr that is written; by default the image's own."),
    ] = None,
    scheduler: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(help="Address of a Dask scheduler, whose workers denoise tile by tile."),
    ] = None,
    tile_size: _options.TileSize = None,
    precision: Annotated[
        Optional[_options.Precision],  # noqa: UP045
        typer.Option(
            help="auto takes bfloat16 where the processor or the GPU is fast in it; without it, "
            "what the model was trained in.",
            show_default=False,
        ),
    ] = None,
    seed: _options.Seed = 0,
    settings: _options.Settings = None,
    overwrite: _options.Overwrite = False,
) -> None:
    """Denoise images.

    For each image NAME it writes NAME_mmse (the mean of all possible clean images: the best
    single answer), NAME_uncertainty (their standard deviation in each pixel, in counts) and, if
    asked, NAME_samples (some of them).

    OME-Zarr, and TIFF too large for the memory, are denoised tile by tile into one OME-Zarr,
    NAME_denoised.zarr or --output itself, with these results as channels. Killed half-way, the
    same command goes on where it stopped.
    """
    from divnoising_tf.data import read_image, to_planes
    from divnoising_tf.precision import described_precision, with_precision
    from divnoising_tf.units import check_units

    whole = names_a_file(output)
    large, files = large_images(images, everything=whole or scheduler is not None)
    results = [_results(file, output, file_format.value) for file in files]
    settings_file = settings_path(output) if whole else output / "denoise.settings.yaml"
    asked = (True, True, mode, samples > 0)
    wanted = [path for one in results for path in itertools.compress(one, asked)]
    large_wanted = large_results(large, output)
    _refuse_same_names([*large, *files], [*large_wanted, *wanted])
    refuse_existing([*wanted, settings_file], overwrite)
    refuse_existing_unless_unfinished(large_wanted, overwrite)
    refuse_for_large(large, tolerance, pixels.value, mode, augment)
    network = load_model(model)
    if precision is not None:
        network = with_precision(network, precision.value)
    tell(f"Computing in {described_precision(network.dtype_policy.name)}.")
    # all images are looked at before the first is denoised, so that an error comes early
    for file in files:
        image = read_image(file, axes)
        to_planes(image.array, image.axes).require_channels(network.channels)
        check_units(image.array, network.noise_model)
        if samples:
            _sample_axes(image.axes)
    denoise_large_images(
        network,
        large,
        large_wanted,
        overwrite,
        average=average,
        antithetic=antithetic,
        samples=samples,
        axes=axes,
        seed=seed,
        tile_size=tile_size,
        ome_zarr=ome_zarr.value if ome_zarr else None,
        scheduler=scheduler,
    )
    for number, (file, names) in enumerate(zip(files, results, strict=True), 1):
        tell(f"{number} of {len(files)}: {file.name}")
        image = read_image(file, axes)
        posterior = network.posterior(image.array, image.axes, seed, tile_size)
        posterior = posterior.augmented() if augment else posterior
        moments = posterior.moments(average, tolerance_counts=tolerance, antithetic=antithetic)
        if tolerance is not None:
            tell(f"{moments.samples} clean images were averaged.")
        _write(names.mmse, moments.mean, image.axes, pixels.value, overwrite)
        _write(names.uncertainty, moments.standard_deviation, image.axes, "float32", overwrite)
        if mode:
            _write(names.map, posterior.mode(average), image.axes, pixels.value, overwrite)
        if samples:
            stack = posterior.sample(samples)
            _write(names.samples, stack, _sample_axes(image.axes), pixels.value, overwrite)
    write_settings(context, settings_file, overwrite)
    announce(settings_file)


def _results(file: Path, folder: Path, suffix: str) -> _Results:
    stem = file.name.split(".ome.")[0] if ".ome." in file.name else file.stem
    names = (f"{stem}_{part}.{suffix}" for part in _Results._fields)
    return _Results(*(folder / name for name in names))


def _refuse_same_names(files: list[Path], results: list[Path]) -> None:
    if len(set(results)) == len(results):
        return
    doubled = sorted({path.name for path in results if results.count(path) > 1})
    raise InputError(
        "Two images would have results of the same name.",
        f"{doubled[0]} and others, out of {len(files)} images",
        "Denoise them into different folders.",
    )


def _sample_axes(axes: str) -> str:
    """Return the axes of a stack of samples: the first letter for a stack that is free."""
    free = [letter for letter in "STZ" if letter not in axes]
    if not free:
        raise InputError(
            "There is no axis left for the samples.", axes, "Split the image, or use --samples 0."
        )
    return free[0] + axes


def _write(path: Path, image: Any, axes: str, pixels: str, overwrite: bool) -> None:
    from divnoising_tf.data import write_image

    write_image(path, image, axes, dtype=pixels, overwrite=overwrite)
    announce(path)
