"""`divnoising denoise`: noisy images in, MMSE images and their uncertainty out."""

import enum
from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from divnoising_tf.cli import _options
from divnoising_tf.cli._application import announce, tell
from divnoising_tf.cli._inputs import load_model
from divnoising_tf.cli._large import (
    check_large_image,
    denoise_large_image,
    large_images,
    large_options,
    large_results,
    names_a_file,
    refuse_for_large,
)
from divnoising_tf.cli._one_run import lock_results
from divnoising_tf.cli._run_record import RunRecord
from divnoising_tf.cli._screening import Screening
from divnoising_tf.cli._settings import given_settings, settings_path, write_settings
from divnoising_tf.cli._whole import Wanted, check_whole_image, denoise_whole_image, results_of
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


def denoise(
    context: typer.Context,
    images: Annotated[
        list[Path],
        typer.Argument(
            help="Noisy images: a folder, or files (TIFF, .npy, .npz, OME-Zarr).",
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
            "counts: its standard error, the root mean square over the pixels. Images that are "
            "denoised tile by tile stop in each tile.",
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
        typer.Option(min=0, help="Also write this many of the possible clean images."),
    ] = 0,
    mode: Annotated[
        bool,
        typer.Option(
            "--mode", help="Also write the most probable clean image, from as many samples."
        ),
    ] = False,
    axes: _options.Axes = None,
    channels_as_planes: Annotated[
        bool,
        typer.Option(
            "--channels-as-planes",
            help="Denoise the channels of an image one by one, with a model of one channel. Check "
            "that it was trained on such channels: brightness and structures usually differ.",
        ),
    ] = False,
    pixels: Annotated[
        PixelType,
        typer.Option(
            help="Of all but the uncertainty. Integers are rounded, and clipped with a warning."
        ),
    ] = PixelType.float32,
    file_format: Annotated[
        Format, typer.Option("--format", help="tif opens as a hyperstack in Fiji.")
    ] = Format.tif,
    separate: Annotated[
        bool,
        typer.Option(
            "--separate",
            help="Write a file for each result: NAME_mean, NAME_uncertainty, NAME_samples, "
            "NAME_mode. So it always is with --pixels of integers and --format npy.",
        ),
    ] = False,
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
            "what the model was trained in, but for bfloat16 where it is slow.",
            show_default=False,
        ),
    ] = None,
    seed: _options.Seed = 0,
    settings: _options.Settings = None,
    overwrite: _options.Overwrite = False,
) -> None:
    """Denoise images.

    For each image NAME it writes NAME_denoised with the channels mean (of all possible clean
    images: the best single answer), uncertainty (their standard deviation in each pixel, in
    counts) and, if asked, sample 1, sample 2, … (some of them) and mode. Pixel sizes and the like
    are those of the image.

    OME-Zarr, and TIFF too large for the memory, are denoised tile by tile into one OME-Zarr,
    NAME_denoised.zarr or --output itself, with the same channels.

    Blank images are left out. Images of a folder that cannot be denoised are left out too, and
    the command fails at the end; if such an image was named itself, nothing is begun.

    Killed half-way, the same command goes on where it stopped.
    """
    from divnoising_tf.noise_models.outliers import warn_of_denoising

    whole = names_a_file(output)
    lock_results(context, output, folder=not whole)
    wanted = Wanted(
        average=average,
        tolerance=tolerance,
        antithetic=antithetic,
        augment=augment,
        samples=samples,
        mode=mode,
        axes=axes,
        channels_as_planes=channels_as_planes,
        pixels=pixels.value,
        separate=separate or pixels != PixelType.float32 or file_format == Format.npy,
        tile_size=tile_size,
        seed=seed,
    )
    _check_draws(wanted)
    large, files = large_images(images, everything=whole or scheduler is not None)
    refuse_for_large(large, pixels.value, mode, augment)
    names = [results_of(file, output, file_format.value) for file in files]
    results = [[path] for path in large_results(large, output)]
    results += [wanted.of(one) for one in names]
    _refuse_same_names([path for paths in results for path in paths], len(results))
    settings_file = settings_path(output) if whole else output / "denoise.settings.yaml"
    inputs = [*large, *files]
    record = RunRecord(settings_file, given_settings(context), [model, *inputs], overwrite)
    done = record.done(results)
    network = _network(model, precision)
    version = ome_zarr.value if ome_zarr else None
    options = large_options(wanted, ome_zarr=version, scheduler=scheduler)
    # all images are looked at before the first is denoised, so that an error comes early
    left = [number for number in range(len(inputs)) if number not in done]
    hot = {}

    def check(number: int) -> None:
        if number < len(large):
            check_large_image(network, inputs[number], options)
        elif found := check_whole_image(network, inputs[number], wanted, file_format.value):
            hot[inputs[number].name] = found

    screening = Screening(inputs, images, check, left, "denoised", begun=bool(done))
    warn_of_denoising(hot, len(left), network)
    if done:
        tell(f"{len(done)} of {len(inputs)} images were denoised before.")
    replace = overwrite or record.going_on
    with record.running():
        for number in screening.usable:
            tell(f"{number + 1} of {len(inputs)}: {inputs[number].name}")
            if number < len(large):
                result = results[number][0]
                denoise_large_image(network, inputs[number], result, options, replace)
            else:
                one = names[number - len(large)]
                denoise_whole_image(network, inputs[number], one, wanted, replace)
            record.add(number)
        # another command may have taken the name meanwhile
        settings_file = settings_path(output) if whole else settings_file
        write_settings(context, settings_file, replace)
    announce(settings_file)
    screening.fail_for_bad()


def _network(path: Path, precision: _options.Precision | None) -> Any:
    from divnoising_tf.models.precision import described_precision, with_precision

    network = load_model(path)
    if precision is not None:
        network = with_precision(network, precision.value)
    tell(f"Computing in {described_precision(network.dtype_policy.name)}.")
    return network


def _check_draws(wanted: Wanted) -> None:
    """Refuse numbers of samples and tolerances before any image is read."""
    from divnoising_tf.posterior.stopping import StoppingRule
    from divnoising_tf.posterior.tiling.tile_sampler import number_of_draws

    StoppingRule(number_of_draws(wanted.average, wanted.antithetic), None, wanted.tolerance)


def _refuse_same_names(results: list[Path], images: int) -> None:
    if len(set(results)) == len(results):
        return
    doubled = sorted({path.name for path in results if results.count(path) > 1})
    raise InputError(
        "Two images would have results of the same name.",
        f"{doubled[0]} and others, out of {images} images",
        "Denoise them into different folders.",
    )
