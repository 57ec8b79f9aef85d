"""A package back as a Keras model, to sample from, to train on, to export again."""

import os
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from divnoising_tf.errors import InputError

if TYPE_CHECKING:
    from divnoising_tf.models.base import VariationalDenoiser

MODEL_NAME = "model.keras"


def load(path: str | os.PathLike[str]) -> "VariationalDenoiser":
    """Return the model that a package holds, with its noise model.

    Nothing in the package is executed. The optimiser's state is not part of a package: compile the
    model to train on. `read_metadata` gives the description for the next export.

    Args:
        path: a package that `export` wrote, ending in .zip.

    Returns:
        The trained model, not compiled.

    Raises:
        InputError: the file is no such package, or is damaged; or the model's weights are not
            those that were saved.
    """
    # registers the classes that the file names
    import divnoising_tf.models.families  # noqa: F401
    from divnoising_tf.models.base import VariationalDenoiser
    from divnoising_tf.models.model_file import read_model
    from divnoising_tf.models.saved_weights import WeightsError

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / MODEL_NAME
        try:
            with zipfile.ZipFile(path) as archive:
                file.write_bytes(archive.read(MODEL_NAME))
            model = read_model(file, compile=False)
        except WeightsError as error:
            received = str(error.received).replace(str(file), f"{os.fspath(path)}: {MODEL_NAME}")
            raise WeightsError(error.problem, received, error.advice) from error
        except (OSError, ValueError, TypeError, KeyError, zipfile.BadZipFile) as error:
            raise _unusable(path, error) from error
    if not isinstance(model, VariationalDenoiser):
        raise _unusable(path, type(model).__name__)
    return model


def _unusable(path: str | os.PathLike[str], reason: object) -> InputError:
    first_line = (str(reason).splitlines() or [type(reason).__name__])[0]
    return InputError(
        "This is not a package with a Keras model of divnoising_tf, or it is damaged.",
        f"{os.fspath(path)} ({first_line})",
        "Give a .zip that dn.zoo.export or 'divnoising export' wrote.",
    )
