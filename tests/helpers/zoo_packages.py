"""The packages of model_zoo/: each recipe has one, and a test fails where it is missing."""

import zipfile
from pathlib import Path

import numpy as np

MODEL_ZOO = Path(__file__).parents[2] / "model_zoo"
NAMES = sorted(path.parent.name for path in MODEL_ZOO.glob("*/recipe.yaml"))


def archive_of(name):
    """Return the package of a recipe."""
    path = MODEL_ZOO / name / "package.zip"
    assert path.is_file(), (
        f"{name} has no package: run 'python -m model_zoo build {name}' and commit it"
    )
    return path


def unzipped(archive, folder):
    """Unzip a package into a folder, and its SavedModel into the same one, as JDLL does."""
    for name in (archive, folder / "saved_model.zip"):
        with zipfile.ZipFile(name) as file:
            file.extractall(folder)
    return folder


def tensors_of_test(folder):
    """Return a package's test input and what it must give, both (batch, y, x, channel)."""
    return tuple(np.load(folder / f"test_{name}.npy") for name in ("input", "output"))
