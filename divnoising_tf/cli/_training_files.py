"""What a training leaves on the disk, while it runs and when it is done."""

import csv
from pathlib import Path
from typing import Any

import typer

from divnoising_tf._version import __version__
from divnoising_tf.cli._application import tell
from divnoising_tf.cli._settings import given_settings, read_settings, read_version
from divnoising_tf.cli._training_data import DATA_NAME
from divnoising_tf.errors import InputError
from divnoising_tf.files.atomic import TEMPORARY, atomic_path, remove_folder


def check_state(context: typer.Context, state: Path, resume: bool, overwrite: bool) -> None:
    """Decide what becomes of an interrupted training under the same name.

    Raises:
        InputError: it is neither to be resumed nor overwritten, or had other settings.
    """
    if not state.exists() or _is_empty(state):
        return
    # a folder without settings is not one of ours: it is refused, and never deleted
    _, before = read_settings(state / "settings.yaml")
    if not resume:
        if overwrite:
            remove_folder(state)
            return
        raise InputError(
            "There is an interrupted training of this name.",
            state,
            "Go on with it with --resume, or begin anew with --overwrite.",
        )
    now = given_settings(context)
    changed = sorted(
        name
        for name in set(before) | set(now)
        if before.get(name) != now.get(name) and name not in ("minutes", "epochs")
    )
    if changed:
        raise InputError(
            "A training goes on with the settings it began with; only --minutes and --epochs may "
            "change.",
            ", ".join(
                f"{name}: {before.get(name)} before, {now.get(name)} now" for name in changed
            ),
            f"Take them from the file: --settings {state / 'settings.yaml'} --resume.",
        )
    begun = read_version(state / "settings.yaml")
    if begun != __version__:
        tell(
            f"This training began with divnoising_tf {begun} and goes on with {__version__}: the "
            "result can differ a little from that of one version alone.",
            style="yellow",
        )


def _is_empty(state: Path) -> bool:
    """Say whether a disk was full before a training had written what it began with."""
    return state.is_dir() and all(
        path.name == DATA_NAME or path.name.startswith(TEMPORARY) for path in state.iterdir()
    )


def save_model(model: Any, output: Path, overwrite: bool) -> None:
    """Write a Keras model, complete or not at all."""
    with atomic_path(output, overwrite) as temporary:
        model.save(temporary)


def write_history(history: list[dict[str, float]], path: Path, overwrite: bool) -> None:
    """Write the metrics of all epochs as CSV."""
    with (
        atomic_path(path, overwrite) as temporary,
        temporary.open("w", newline="", encoding="utf-8") as file,
    ):
        writer = csv.DictWriter(file, list(history[0]), restval="", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(history)
