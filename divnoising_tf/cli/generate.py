"""`divnoising generate`: what a model believes clean images look like."""

from pathlib import Path
from typing import Annotated

import typer

from divnoising_tf.cli import _options
from divnoising_tf.cli._application import announce
from divnoising_tf.cli._inputs import load_model, refuse_existing, require_suffix
from divnoising_tf.cli._one_run import lock_results
from divnoising_tf.cli._settings import settings_path, write_settings


def generate(
    context: typer.Context,
    model: _options.Model,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Name of the stack: .tif, .ome.tif or .npy.")
    ],
    size: Annotated[tuple[int, int], typer.Option(help="Height and width of an image, pixels.")] = (
        256,
        256,
    ),
    number: Annotated[int, typer.Option("--number", "-n", min=1, help="Number of images.")] = 10,
    seed: _options.Seed = 0,
    settings: _options.Settings = None,
    overwrite: _options.Overwrite = False,
) -> None:
    """Draw images out of nothing: what the model believes clean images look like.

    If they look like your samples up to the size of a cell or so, the model has learned their
    structure. Writes one stack, in counts.
    """
    require_suffix(output, (".tif", ".tiff", ".npy"), "the stack")
    lock_results(context, output)
    settings_file = settings_path(output)
    refuse_existing([output, settings_file], overwrite)

    from divnoising_tf.data import ImageMetadata, write_image
    from divnoising_tf.data.display_range import with_display_ranges

    network = load_model(model)
    images = network.generate(size, number, seed=seed)
    axes = "SYX" if network.channels == 1 else "SCYX"
    # a model does not know the size of a pixel
    metadata = with_display_ranges(ImageMetadata(), images, axes)
    write_image(output, images, axes, overwrite=overwrite, metadata=metadata)
    write_settings(context, settings_file, overwrite)
    announce(output)
    announce(settings_file)
