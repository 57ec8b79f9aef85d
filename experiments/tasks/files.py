"""Finds and reads the images of a task, and adds noise to clean ones."""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from divnoising_tf.errors import InputError

NOISE_SEED = 0  # every run sees the same noisy images


def data_folder() -> Path:
    """Return the folder of real images.

    Raises:
        InputError: there is none.
    """
    default = Path(__file__).parents[3] / "shared" / "data"
    folder = Path(os.environ.get("DIVNOISING_DATA", default))
    if not folder.is_dir():
        raise InputError(
            "The folder of real images is not there.", folder, "Set DIVNOISING_DATA to it."
        )
    return folder


def task_file(*parts: str) -> Path:
    """Return a file under DIVNOISING_DATA, which must be there."""
    path = data_folder().joinpath(*parts)
    if not path.is_file():
        raise InputError(
            "The images of this task are not there.",
            path,
            "The recipe's row says where they are published; put them under DIVNOISING_DATA.",
        )
    return path


def read_npz(path: Path, *keys: str) -> list[np.ndarray]:
    """Return arrays of an .npz file."""
    with np.load(path, allow_pickle=False) as file:
        missing = [key for key in keys if key not in file.files]
        if missing:
            raise InputError(
                "The file does not hold the task's images.",
                f"{path.name} with {', '.join(file.files)}, without {', '.join(missing)}",
                "Fetch the published file again.",
            )
        return [file[key] for key in keys]


def with_noise(clean: Sequence[np.ndarray], deviation: float, stream: int) -> list[np.ndarray]:
    """Add Gaussian noise, not clipped, the same on every run.

    Args:
        clean: images (y, x), counts.
        deviation: standard deviation, counts.
        stream: another number gives other noise: 0 for training, 1 for test images.

    Returns:
        float32 images.
    """
    random = np.random.default_rng([NOISE_SEED, stream])
    return [
        image.astype(np.float32)
        + np.float32(deviation) * random.standard_normal(image.shape, np.float32)
        for image in clean
    ]


def as_floats(images: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Return images as float32."""
    return [np.asarray(image, np.float32) for image in images]
