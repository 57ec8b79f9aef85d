"""What experiments keep beside their results, out of the repository: models and arrays."""

import json
from pathlib import Path
from typing import Any

import keras
import numpy as np

import divnoising_tf as dn
from divnoising_tf.files.atomic import atomic_path

# both folders are ignored by git: they may hold pixels of the real images
MODELS = Path(__file__).parent / "models"
PICTURES = Path(__file__).parent / "pictures"


def keep_model(name: str, model: keras.Model, facts: dict[str, Any], folder: Path | None) -> None:
    """Write NAME.keras and, with what is known of it, NAME.json, replacing earlier ones.

    Args:
        name: of the files.
        model: trained.
        facts: of the training, that can be written as JSON.
        folder: None for `MODELS`.
    """
    folder = folder or MODELS
    # facts of an earlier model must not stand beside this one
    (folder / f"{name}.json").unlink(missing_ok=True)
    with atomic_path(folder / f"{name}.keras", overwrite=True) as temporary:
        model.save(temporary)
    # last: where it is, the model is whole
    with atomic_path(folder / f"{name}.json", overwrite=True) as temporary:
        temporary.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


def kept_model(
    name: str, folder: Path | None = None
) -> tuple[keras.Model, dict[str, Any]] | tuple[None, None]:
    """Return the model that an earlier run kept and its facts, or None and None.

    Args:
        name: of the files.
        folder: None for `MODELS`.
    """
    files = [(folder or MODELS) / f"{name}{suffix}" for suffix in (".keras", ".json")]
    if not all(file.exists() for file in files):
        return None, None
    facts = json.loads(files[1].read_text(encoding="utf-8"))
    return dn.load_model(files[0]), facts


def keep_arrays(name: str, **arrays: Any) -> None:
    """Write models/NAME.npz, which a figure needs later, replacing an earlier one."""
    with atomic_path(MODELS / f"{name}.npz", overwrite=True) as temporary:
        np.savez_compressed(temporary, **arrays)


def kept_arrays(name: str) -> dict[str, np.ndarray] | None:
    """Return the arrays that an earlier run kept, or None."""
    file = MODELS / f"{name}.npz"
    if not file.exists():
        print(f"models/{name}.npz is not here: its figure is left out (run the experiment first)")
        return None
    with np.load(file) as stored:
        return dict(stored)
