"""Reads a `.keras` file, and says why where its weights cannot be had."""

import json
import os
import zipfile
from typing import Any

import keras

from divnoising_tf.errors import InputError
from divnoising_tf.models.base import VariationalDenoiser
from divnoising_tf.models.saved_weights import WeightsError, weights_from

# the first that saved layers in a list of lists, in which ours once were
_COMPLETE_SINCE = (3, 15)


def load_model(path: str | os.PathLike[str], compile: bool = True) -> VariationalDenoiser:
    """Return a trained model from a `.keras` file; no code in the file is executed.

    The weights are verified, whatever version of Keras wrote the file.

    Args:
        path: of a file that `divnoising train` or `model.save` wrote.
        compile: whether its optimiser is wanted too, to train on.

    Raises:
        InputError: the file is missing, damaged, or no model of a family; or its weights are not
            those that were saved.

    Example:
        >>> load_model("nuclei.keras").posterior(image).moments(100)  # doctest: +SKIP
    """
    # registers the classes that files name
    import divnoising_tf.models.families  # noqa: F401

    try:
        model = read_model(path, compile)
    except WeightsError:
        raise
    except Exception as error:  # zipfile, h5py and Keras raise many kinds for a broken file
        raise _not_a_model(path, f"{type(error).__name__}: {error}") from error
    if not isinstance(model, VariationalDenoiser):
        raise _not_a_model(path, f"a model of the class {type(model).__name__}")
    return model


def read_model(path: str | os.PathLike[str], compile: bool = True) -> Any:
    """Return the Keras model of a file, whose weights are verified; no code in it is executed.

    Args:
        path: of a `.keras` file.
        compile: whether its optimiser is wanted too.

    Raises:
        WeightsError: weights are missing, are not those that were saved, or are not finite.
        Exception: what `keras.saving.load_model` raises for other files: of many kinds.
    """
    try:
        with weights_from(path):
            return keras.saving.load_model(path, compile=compile, safe_mode=True)
    except WeightsError:
        raise
    except ValueError as error:
        version = _keras_version(path)
        if "could not be loaded" not in str(error) or version >= _COMPLETE_SINCE:
            raise
        written_by = ".".join(str(number) for number in version)
        raise WeightsError(
            "Weights are missing in this file.",
            f"{os.fspath(path)}, written by Keras {written_by}",
            "Keras below 3.15 left weights out of the files of earlier versions of "
            "divnoising_tf. They are lost: train again.",
        ) from error


def _keras_version(path: str | os.PathLike[str]) -> tuple[int, ...]:
    """Return the version of Keras that wrote a file, major and minor number."""
    try:
        with zipfile.ZipFile(path) as archive:
            version = json.loads(archive.read("metadata.json"))["keras_version"]
        return tuple(int(number) for number in version.split(".")[:2])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile):
        return _COMPLETE_SINCE


def _not_a_model(path: str | os.PathLike[str], reason: str) -> InputError:
    lines = reason.strip().splitlines()
    return InputError(
        "This file is not a model of divnoising.",
        f"{os.fspath(path)} ({lines[0] if lines else 'unreadable'})",
        "Give a .keras file written by 'divnoising train' or by the model's save.",
    )
