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
    typer.Argument(help="Noisy images: a folder, or files (TIFF, .npy, .npz).", show_default=False),
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
    _refuse(output, overwrite)

    from divnoising_tf.noise_models import pairs_from_images, pairs_from_repeats

    noisy = read_stack(images, axes)
    if signal:
        pairs = pairs_from_images(read_stack(signal, axes), noisy, percentiles)
    else:
        pairs = pairs_from_repeats(noisy, percentiles)
    noise_model = _fitted(kind, pairs, gaussians, coefficients)
    _write(context, noise_model, pairs, output, overwrite)


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
        refuse_existing([output, settings_path(output)], overwrite)

    from divnoising_tf.noise_models import pairs_from_repeats
    from divnoising_tf.plotting import save_figure

    model = load_noise_model(noise_model)
    noisy = read_stack(images, axes)
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


def _refuse(output: Path, overwrite: bool) -> None:
    require_suffix(output, (".json",), "the noise model")
    refuse_existing(_results(output).values(), overwrite)


def _fitted(kind: Kind, pairs: Any, gaussians: int, coefficients: int) -> Any:
    from divnoising_tf import noise_models

    if kind is Kind.gaussian_mixture:
        return noise_models.GaussianMixtureNoiseModel.fit(
            pairs, n_components=gaussians, n_coefficients=coefficients
        )
    if kind is Kind.poisson_gaussian:
        return noise_models.PoissonGaussianNoiseModel.fit(pairs)
    return noise_models.HistogramNoiseModel.fit(pairs)


def _write(
    context: typer.Context, noise_model: Any, pairs: Any, output: Path, overwrite: bool
) -> None:
    from divnoising_tf._files import atomic_path
    from divnoising_tf.plotting import save_figure

    results = _results(output)
    judged = noise_model.report(pairs)
    tell(str(judged))
    noise_model.save(output, overwrite)
    with atomic_path(results["report"], overwrite) as temporary:
        temporary.write_text(f"{judged}\n", encoding="utf-8")
    save_figure(judged.figure(), results["report_figure"], overwrite)
    save_figure(pairs.figure(), results["pixels_figure"], overwrite)
    write_settings(context, results["settings"], overwrite)
    for path in results.values():
        announce(path)
