"""What experiments keep beside their results, out of the repository: models and arrays."""

from pathlib import Path
from typing import Any

import keras
import numpy as np

from divnoising_tf._files import atomic_path

# both folders are ignored by git: they may hold pixels of the real images
MODELS = Path(__file__).parent / "models"
PICTURES = Path(__file__).parent / "pictures"


def keep_model(model: keras.Model, name: str) -> None:
    """Write models/NAME.keras, replacing an earlier one."""
    with atomic_path(MODELS / f"{name}.keras", overwrite=True) as temporary:
        model.save(temporary)


def kept_model(name: str) -> keras.Model | None:
    """Return the model that an earlier run kept, or None."""
    file = MODELS / f"{name}.keras"
    return keras.saving.load_model(file) if file.exists() else None


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
