"""`divnoising noise-model`: measures what the camera does to a clean signal."""

import enum
from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from divnoising_tf.cli import _options
from divnoising_tf.cli._application import announce, application, tell
from divnoising_tf.cli._inputs import (
    load_noise_model,
    read_stack,
    refuse_existing,
    require_suffix,
)
from divnoising_tf.cli._one_run import lock_results
from divnoising_tf.cli._settings import settings_path, write_settings

noise_model_commands = application(
    "Measure what the camera does, once for each camera and its settings.\n\n"
    "'fit' if you have repeated shots of a sample that does not move, or clean images; "
    "'bootstrap' if you have noisy images only; 'report' to see whether a noise model is good."
)


class Kind(str, enum.Enum):
    """Kinds of noise models."""

    gaussian_mixture = "gaussian-mixture"
    poisson_gaussian = "poisson-gaussian"
    histogram = "histogram"


_Images = Annotated[
    list[Path],
    typer.Argument(
        help="Noisy images: a folder, or files (TIFF, .npy, .npz, OME-Zarr).", show_default=False
    ),
]
_Output = Annotated[
    Path, typer.Option("--output", "-o", help="Name of the noise model, ends in .json.")
]
_Kind = Annotated[
    Kind,
    typer.Option(
        help="gaussian-mixture fits any camera; poisson-gaussian has gain, offset and read noise "
        "alone and needs few pixels; histogram needs many."
    ),
]
_Gaussians = Annotated[int, typer.Option(min=1, help="Gaussians in the mixture.")]
_Coefficients = Annotated[
    int,
    typer.Option(min=1, help="How the mixture changes with the signal: 2 is linear, 3 quadratic."),
]
_Percentiles = Annotated[
    tuple[float, float],
    typer.Option(help="Of the signal; darker and brighter pixels are left out."),
]


@noise_model_commands.command()
def fit(
    context: typer.Context,
    images: _Images,
    output: _Output,
    signal: Annotated[
        Optional[list[Path]],  # noqa: UP045
        typer.Option(
            help="Clean images, if you have them: one for each noisy image, or for equally many "
            "noisy images in a row. Without them the images must be repeated shots of one sample.",
            show_default=False,
        ),
    ] = None,
    kind: _Kind = Kind.gaussian_mixture,
    gaussians: _Gaussians = 3,
    coefficients: _Coefficients = 2,
    percentiles: _Percentiles = (0.5, 99.5),
    axes: _options.Axes = None,
    settings: _options.Settings = None,
    overwrite: _options.Overwrite = False,
) -> None:
    """Calibrate from repeated shots of a sample that does not move, or from clean images.

    Writes the noise model, a report with its figure, a figure of the pixels left out, and the
    settings.
    """
    _refuse(context, output, overwrite)

    from divnoising_tf.noise_models import pairs_from_images, pairs_from_repeats

    noisy = read_stack(images, axes, keep_blank=bool(signal))
    clean = read_stack(signal, axes) if signal else None
    if clean is None:
        pairs = pairs_from_repeats(noisy, percentiles)
    else:
        pairs = pairs_from_images(clean, noisy, percentiles)
    kind_of_model, arguments = _class_and_arguments(kind, gaussians, coefficients)
    noise_model = kind_of_model.fit(pairs, **arguments)
    judged = noise_model.report(pairs) if clean is None else noise_model.report(clean, noisy)
    _write(context, noise_model, pairs, judged, output, overwrite)


@noise_model_commands.command()
def bootstrap(
    context: typer.Context,
    images: _Images,
    output: _Output,
    denoised: Annotated[
        Optional[list[Path]],  # noqa: UP045
        typer.Option(
            help="The same images denoised by a method of yours, in the same counts. Without "
            "them a small Noise2Void network is trained first.",
            show_default=False,
        ),
    ] = None,
    steps: Annotated[int, typer.Option(min=1, help="Of the training of that network.")] = 2000,
    minutes: Annotated[
        Optional[float],  # noqa: UP045
        typer.Option(help="When its training ends at the latest."),
    ] = None,
    kind: _Kind = Kind.gaussian_mixture,
    gaussians: _Gaussians = 3,
    coefficients: _Coefficients = 2,
    axes: _options.Axes = None,
    seed: _options.Seed = 0,
    settings: _options.Settings = None,
    overwrite: _options.Overwrite = False,
) -> None:
    """Calibrate from noisy images alone: denoise them, and look at what was taken away.

    Not as exact as 'fit': fine structure that the denoiser loses counts as noise. Writes the
    noise model, a report with its figure, a figure of the pixels left out, and the settings.
    """
    _refuse(context, output, overwrite)

    from divnoising_tf.blind_spot.bootstrapping import bootstrap as bootstrapped

    noisy = read_stack(images, axes, keep_blank=bool(denoised))
    clean = read_stack(denoised, axes) if denoised else None
    kind_of_model, arguments = _class_and_arguments(kind, gaussians, coefficients)
    found = bootstrapped(
        noisy, clean, kind_of_model, steps=steps, minutes=minutes, seed=seed, **arguments
    )
    judged = found.noise_model.report(found.denoised, noisy)
    _write(context, found.noise_model, found.pairs, judged, output, overwrite)


@noise_model_commands.command()
def report(
    context: typer.Context,
    noise_model: Annotated[Path, typer.Argument(help="A noise model, .json or .npz.")],
    images: Annotated[
        list[Path],
        typer.Argument(
            help="Noisy images, best those of another day than it was made from.",
            show_default=False,
        ),
    ],
    signal: Annotated[
        Optional[list[Path]],  # noqa: UP045
        typer.Option(
            help="Their clean images. Without them the images must be repeated shots of one "
            "sample.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option("--output", "-o", help="Also write a figure, ends in .png, .pdf or .svg."),
    ] = None,
    axes: _options.Axes = None,
    settings: _options.Settings = None,
    overwrite: _options.Overwrite = False,
) -> None:
    """See whether a noise model can be trusted: good, fair or bad, and why."""
    if output is not None:
        require_suffix(output, (".png", ".pdf", ".svg"), "the figure")
        lock_results(context, output)
        refuse_existing([output, settings_path(output)], overwrite)

    from divnoising_tf.noise_models import pairs_from_repeats
    from divnoising_tf.plotting import save_figure

    model = load_noise_model(noise_model)
    noisy = read_stack(images, axes, keep_blank=bool(signal))
    if signal:
        judged = model.report(read_stack(signal, axes), noisy)
    else:
        judged = model.report(pairs_from_repeats(noisy))
    typer.echo(str(judged))
    if output is not None:
        save_figure(judged.figure(), output, overwrite)
        write_settings(context, settings_path(output), overwrite)
        announce(output)


def _results(output: Path) -> dict[str, Path]:
    """Return the names of all that is written beside a noise model."""
    return {
        "model": output,
        "report": output.with_suffix(".report.txt"),
        "report_figure": output.with_suffix(".report.png"),
        "pixels_figure": output.with_suffix(".pixels.png"),
        "settings": settings_path(output),
    }


def _refuse(context: typer.Context, output: Path, overwrite: bool) -> None:
    require_suffix(output, (".json",), "the noise model")
    lock_results(context, output)
    refuse_existing(_results(output).values(), overwrite)


def _class_and_arguments(
    kind: Kind, gaussians: int, coefficients: int
) -> tuple[Any, dict[str, int]]:
    """Return the class of a kind of noise model, and what its fit takes."""
    from divnoising_tf import noise_models

    if kind is Kind.gaussian_mixture:
        arguments = {"n_components": gaussians, "n_coefficients": coefficients}
        return noise_models.GaussianMixtureNoiseModel, arguments
    if kind is Kind.poisson_gaussian:
        return noise_models.PoissonGaussianNoiseModel, {}
    return noise_models.HistogramNoiseModel, {}


def _write(
    context: typer.Context,
    noise_model: Any,
    pairs: Any,
    judged: Any,
    output: Path,
    overwrite: bool,
) -> None:
    from divnoising_tf.files.atomic import atomic_path
    from divnoising_tf.plotting import save_figure

    results = _results(output)
    tell(str(judged))
    noise_model.save(output, overwrite)
    with atomic_path(results["report"], overwrite) as temporary:
        temporary.write_text(f"{judged}\n", encoding="utf-8")
    save_figure(judged.figure(), results["report_figure"], overwrite)
    save_figure(pairs.figure(), results["pixels_figure"], overwrite)
    write_settings(context, results["settings"], overwrite)
    for path in results.values():
        announce(path)
