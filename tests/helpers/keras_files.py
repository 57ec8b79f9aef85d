"""Files of Keras models, changed as damage or another version of Keras would."""

import contextlib
import io
import zipfile
from pathlib import Path

import h5py
import numpy as np

from divnoising_tf.models.saved_weights import variable_digests

ARTEFACTS = Path(__file__).parents[1] / "artefacts"
SEAL = "_weights_seal"
WEIGHTS = "model.weights.h5"


def unzipped(name, folder):
    """Unpack what a version of Keras wrote, with divnoising_tf as it was then."""
    with zipfile.ZipFile(ARTEFACTS / f"{name}.zip") as archive:
        archive.extractall(folder)
    state = folder / "training"
    # the archive has it once
    (state / "best-0.weights.h5").write_bytes((state / "epoch-0.weights.h5").read_bytes())
    return folder


@contextlib.contextmanager
def opened(path):
    """Open the weights in a .keras or .weights.h5 file to change them."""
    if path.suffix == ".h5":
        with h5py.File(path, "r+") as file:
            yield file
        return
    with zipfile.ZipFile(path) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    memory = io.BytesIO(contents[WEIGHTS])
    with h5py.File(memory, "r+") as file:
        yield file
    contents[WEIGHTS] = memory.getvalue()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, content)


def entries(path):
    """Return paths and shapes of all arrays in a .keras file."""
    found = {}

    def note(name, item):
        if isinstance(item, h5py.Dataset):
            found[name] = item.shape

    with zipfile.ZipFile(path) as archive, h5py.File(io.BytesIO(archive.read(WEIGHTS))) as file:
        file.visititems(note)
    return found


def digest(variables):
    """Return digests of variables, of which random ones differ, in an order of their own."""
    assert all(np.all(np.isfinite(one.numpy())) for one in variables)
    return [one.hex() for one in variable_digests(variables)]
