"""One run at a time writes the results of a name; others are told which one does."""

import hashlib
import json
from pathlib import Path

import typer

from divnoising_tf.cli._settings import command_name, given_settings
from divnoising_tf.files.runs import Run

# a training that goes on may have more of these
_CHANGEABLE = ("minutes", "epochs")


def lock_results(context: typer.Context, output: Path, folder: bool = False) -> None:
    """Keep other runs from the results of the running command until it ends.

    What the same command wrote before it was killed may then be replaced.

    Args:
        context: of the command.
        output: the main result, or the folder of all.
        folder: whether it is the folder; different commands may write into one.

    Raises:
        InputError: another run is at it, or the folder cannot be written to.
    """
    name = command_name(context)
    if folder:
        lock = output / f".{name.replace(' ', '-')}.lock"
    else:
        lock = output.with_name(f".{output.name}.lock")
    settings = {key: one for key, one in given_settings(context).items() if key not in _CHANGEABLE}
    key = hashlib.sha256(json.dumps([name, settings], sort_keys=True).encode()).hexdigest()[:16]
    context.with_resource(Run(lock, key))
