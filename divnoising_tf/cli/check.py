"""`divnoising check`: can a model be trusted, judged by nothing but noisy images?"""

import warnings
from pathlib import Path
from typing import Annotated, Optional

import typer

from divnoising_tf.cli import _options
from divnoising_tf.cli._application import announce, tell
from divnoising_tf.cli._inputs import load_model, load_noise_model, refuse_existing
from divnoising_tf.cli._one_run import lock_results
from divnoising_tf.cli._screening import Screening
from divnoising_tf.cli._settings import write_settings
from divnoising_tf.errors import InputError


def check(
    context: typer.Context,
    images: Annotated[
        list[Path],
        typer.Argument(
            help="Noisy images: a folder, or files (TIFF, .npy, .npz, OME-Zarr).",
            show_default=False,
        ),
    ],
    model: _options.Model,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the figures.")],
    samples: Annotated[
        int,
        typer.Option(
            "--samples", "-n", min=39, help="Clean images that are compared, at least 39."
        ),
    ] = 100,
    noise_model: Annotated[
        Optional[Path],  # noqa: UP045 - as in _options
        typer.Option(
            help="Check against this noise model, .json or .npz, and not the model's own.",
            show_default=False,
        ),
    ] = None,
    augment: _options.Augment = False,
    axes: _options.Axes = None,
    tile_size: _options.TileSize = None,
    seed: _options.Seed = 0,
    settings: _options.Settings = None,
    overwrite: _options.Overwrite = False,
) -> None:
    """See whether a model can be trusted on noisy images; no clean image is needed.

    The model draws clean images that may lie behind each noisy one, and noise for them. If it is
    right, what it makes looks like the noisy image. Says so in words, and what is off; for each
    image NAME it writes NAME_check.png and NAME_check.txt.

    What passes is not proven: what looks like noise is not seen. Crop large images. Blank images
    and those of a folder that cannot be checked are left out, as by 'denoise'.
    """
    from divnoising_tf.data import image_files, read_image, to_planes
    from divnoising_tf.evaluation import predictive_check
    from divnoising_tf.files.atomic import atomic_path
    from divnoising_tf.noise_models.outliers import (
        OutlierWarning,
        bounds_of,
        outliers,
        warn_of_denoising,
    )
    from divnoising_tf.noise_models.units import check_units
    from divnoising_tf.plotting import save_figure

    lock_results(context, output, folder=True)
    files = image_files(images)
    figures = [output / f"{_stem(file)}_check.png" for file in files]
    if len(set(figures)) < len(figures):
        raise InputError(
            "Two images would have results of the same name.",
            ", ".join(str(file) for file in files),
            "Check them into different folders.",
        )
    settings_file = output / "check.settings.yaml"
    texts = [figure.with_suffix(".txt") for figure in figures]
    refuse_existing([*figures, *texts, settings_file], overwrite)
    network = load_model(model)
    noise = network.noise_model if noise_model is None else load_noise_model(noise_model)
    hot = {}

    def look_at(number: int) -> None:
        image = read_image(files[number], axes)
        planes = to_planes(image.array, image.axes)
        planes.require_channels(network.channels)
        check_units(image.array, network.noise_model)
        if found := outliers(planes.array, bounds_of(network)):
            hot[image.name] = found

    screening = Screening(files, images, look_at, range(len(files)), "checked")
    warn_of_denoising(hot, len(files), network)
    trusted = 0
    for number in screening.usable:
        file, figure, text = files[number], figures[number], texts[number]
        image = read_image(file, axes)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", OutlierWarning)
            posterior = network.posterior(image.array, image.axes, seed, tile_size)
        posterior = posterior.augmented() if augment else posterior
        checked = predictive_check(posterior, noise_model=noise, n=samples, seed=seed)
        trusted += checked.consistent
        tell(f"{file.name}: {checked}\n")
        save_figure(checked.figure(), figure, overwrite)
        with atomic_path(text, overwrite) as temporary:
            temporary.write_text(f"{file.name}: {checked}\n", encoding="utf-8")
        announce(figure)
        announce(text)
    write_settings(context, settings_file, overwrite)
    announce(settings_file)
    tell(f"{trusted} of {len(screening.usable)} images look like those that the model expects.")
    screening.fail_for_bad()


def _stem(file: Path) -> str:
    return file.name.split(".ome.")[0] if ".ome." in file.name else file.stem
