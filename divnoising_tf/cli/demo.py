"""`divnoising demo`: the whole way on a picture that is there already."""

from pathlib import Path
from typing import Annotated

import typer

from divnoising_tf.cli import _options
from divnoising_tf.cli._application import announce, tell
from divnoising_tf.cli._one_run import lock_results


def demo(
    context: typer.Context,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the results.")] = Path(
        "demo-results"
    ),
    minutes: Annotated[
        float, typer.Option(help="Minutes of training; the rest takes about one more.")
    ] = 4.0,
    overwrite: _options.Overwrite = False,
) -> None:
    """Show everything on one image, in a few minutes.

    Takes a microscopy image that comes with scikit-image, adds camera noise, measures that
    noise, trains, denoises, exports, and compares with the truth.
    """
    from divnoising_tf.cli._training_progress import TrainingProgress
    from divnoising_tf.demo import described, run_demo
    from divnoising_tf.training.time_limit import TimeLimit

    lock_results(context, output, folder=True)
    limit = TimeLimit(minutes)
    progress = TrainingProgress(epochs=1_000_000, limit=limit)
    try:
        results = run_demo(output, minutes, overwrite, callbacks=[limit, progress])
    finally:
        progress.close()
    tell(described(results))
    announce(output)
