"""Builds the packages of the model zoo from their recipes: `python -m model_zoo build NAME`.

Run it in the folder of the repository: what recipes need is in no wheel.
"""

from pathlib import Path
from typing import Annotated, Optional

import typer

from divnoising_tf.cli import _options
from divnoising_tf.cli._application import announce, application
from divnoising_tf.cli._one_run import lock_results

PACKAGE_NAME = "package.zip"

zoo = application(
    "Build the packages of the model zoo from their recipes.\n\n"
    "A recipe says which images, noise model, training and description make a package."
)


# a group, so that its one command keeps its name
@zoo.callback(help=zoo.info.help)
def _group() -> None:
    pass


@zoo.command()
def build(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Name of the recipe's folder.", show_default=False)],
    minutes: Annotated[
        Optional[float],  # noqa: UP045
        typer.Option(help="Minutes of training, instead of the recipe's."),
    ] = None,
    folder: Annotated[
        Path, typer.Option(help="Folder of the recipes.", show_default="this one")
    ] = Path(__file__).parent,
    overwrite: _options.Overwrite = False,
) -> None:
    """Build a package: fit the noise model, train, export.

    Takes FOLDER/NAME/recipe.yaml and writes FOLDER/NAME/package.zip. Recipes of real images find
    them in the folder that the environment variable DIVNOISING_DATA names.
    """
    from divnoising_tf.cli._training_progress import TrainingProgress
    from divnoising_tf.training.time_limit import TimeLimit
    from model_zoo.builder import build_package, read_recipe

    recipe = read_recipe(folder / name)
    limit = TimeLimit(recipe.training.minutes if minutes is None else minutes)
    progress = TrainingProgress(epochs=1_000_000, limit=limit)
    path = folder / name / PACKAGE_NAME
    lock_results(context, path)
    try:
        build_package(recipe, path, minutes, overwrite, callbacks=[limit, progress])
    finally:
        progress.close()
    announce(path)


if __name__ == "__main__":
    zoo(prog_name="python -m model_zoo")
