"""`divnoising demo`: the whole way on a picture that is there already."""

from pathlib import Path
from typing import Annotated

import typer

from divnoising_tf.cli import _options


def demo(
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the results.")] = Path(
        "divnoising-demo"
    ),
    overwrite: _options.Overwrite = False,
) -> None:
    """Show everything on one image, in a few minutes.

    Takes a microscopy image that comes with scikit-image, adds camera noise, measures that
    noise, trains, denoises, exports, and compares with the truth.
    """
    from divnoising_tf.demo import run_demo

    run_demo(output, overwrite=overwrite)
