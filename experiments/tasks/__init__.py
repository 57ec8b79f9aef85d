"""The tasks of Table 1: each loader gives the images of its data set by its protocol."""

import importlib
from typing import Any, Literal

from divnoising_tf.errors import InputError
from experiments.task import Task

TaskName = Literal[
    "w2s", "fmd", "mdck", "dsb2018", "mnist", "ebook", "bsd68",
    "kmnist", "static_scene", "denoiseg", "w2s_public",
]  # fmt: skip


def load_task(name: TaskName, options: dict[str, Any]) -> Task:
    """Load the images of a task.

    Args:
        name: of a module in this folder; it has a function `load`.
        options: its keyword arguments.

    Returns:
        The task.

    Raises:
        InputError: the images are not there, or an option is not one of the loader's.
    """
    loader = importlib.import_module(f"experiments.tasks.{name}").load
    try:
        return loader(**options)
    except TypeError as error:
        if "unexpected keyword" not in str(error) and "required" not in str(error):
            raise
        raise InputError(
            f"The task {name} does not take these options.",
            f"{options}: {error}",
            f"Correct the row's options; experiments/tasks/{name}.py says which there are.",
        ) from error
