"""`divnoising export`: a trained model as a package of the BioImage Model Zoo."""

import enum
from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from divnoising_tf.cli import _options
from divnoising_tf.cli._application import announce
from divnoising_tf.cli._inputs import load_model, refuse_existing, require_suffix
from divnoising_tf.cli._one_run import lock_results
from divnoising_tf.cli._settings import settings_path, write_settings


class Kind(str, enum.Enum):
    """Kinds of packages, see `divnoising_tf.zoo.export`."""

    full = "full"
    mmse = "mmse"
    samples = "samples"


def export(
    context: typer.Context,
    model: _options.Model,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Name of the package, ends in .zip.")
    ],
    test_image: Annotated[
        Path,
        typer.Option(help="A noisy image, as the model was trained on: for cover and self-test."),
    ],
    name: Annotated[Optional[str], typer.Option(help="Name of the model in the zoo.")] = None,  # noqa: UP045
    description: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(help="What it denoises, in one or two sentences."),
    ] = None,
    author: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option(help="Who made it; once for each author.", show_default=False),
    ] = None,
    licence: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--license", help="SPDX identifier, such as CC-BY-4.0."),
    ] = None,
    metadata: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(
            help="YAML file, or an earlier package, with these and more: authors with "
            "affiliation and orcid, training, validation, tags, cite, maintainers, version."
        ),
    ] = None,
    kind: Annotated[
        Kind,
        typer.Option(
            help="What the package gives: full: mean, uncertainty and samples; mmse: mean and "
            "uncertainty of many samples; samples: samples alone."
        ),
    ] = Kind.full,
    samples: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(min=0, help="Samples that the package gives: 8, if not given."),
    ] = None,
    average: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(
            min=0, help="Samples behind mean and uncertainty: 64, or 256 for mmse, if not given."
        ),
    ] = None,
    truth: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(help="The clean image of the test image: the package then tells the PSNR."),
    ] = None,
    noise_report: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(
            help="Text of 'divnoising noise-model report', to go into the package's README.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    axes: _options.Axes = None,
    seed: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(min=0, help="Of the samples; without it, each image has its own."),
    ] = None,
    settings: _options.Settings = None,
    overwrite: _options.Overwrite = False,
) -> None:
    """Pack a model for the BioImage Model Zoo.

    The package takes a noisy image and gives its MMSE, its uncertainty and samples.
    """
    require_suffix(output, (".zip",), "the package")
    lock_results(context, output)
    refuse_existing([output, settings_path(output)], overwrite)
    given = {"name": name, "description": description, "authors": author, "license": licence}
    fields: dict[str, Any] = {key: value for key, value in given.items() if value}

    from divnoising_tf import zoo
    from divnoising_tf.data import read_image

    read = {} if metadata is None else zoo.read_metadata(metadata)
    zoo.Metadata.of(read, **fields)  # before the model is loaded, which takes longer
    image = read_image(test_image, axes)
    zoo.export(
        load_model(model),
        output,
        image.array,
        kind=kind.value,
        n_samples=samples,
        n_averaged=average,
        seed=seed,
        metadata=read,
        axes=image.axes,
        overwrite=overwrite,
        truth=None if truth is None else read_image(truth, axes).array,
        noise_report=None if noise_report is None else noise_report.read_text(encoding="utf-8"),
        **fields,
    )
    settings_file = settings_path(output)
    write_settings(context, settings_file, overwrite)
    announce(output)
    announce(settings_file)
