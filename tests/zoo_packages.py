"""The packages that model_zoo/ must hold: a missing one fails the tests that ask for it."""

import zipfile
from pathlib import Path

MODEL_ZOO = Path(__file__).parents[1] / "model_zoo"
NAMES = ("tissue-demo", "w2s-channel-0")


def package_file(name):
    """Return the path of a committed package."""
    return MODEL_ZOO / name / "package.zip"


def unpacked(name, folder):
    """Unpack a committed package into a folder and return it."""
    with zipfile.ZipFile(package_file(name)) as archive:
        archive.extractall(folder)
    return folder
