"""Flywing and Mouse as DenoiSeg publishes them, without noise (_n0): noise is added."""

from typing import Any

from experiments.task import Task
from experiments.tasks.files import read_npz, task_file
from experiments.tasks.synthetic import noisy_task


def load(folder: str, sigma: float, **settings: Any) -> Task:
    """Load train/train_data.npz and test/test_data.npz.

    Args:
        folder: "Flywing_n0" or "Mouse_n0", under DIVNOISING_DATA.
        sigma: of the noise, counts.
        **settings: further fields of `Task`.
    """
    parts = read_npz(task_file(folder, "train", "train_data.npz"), "X_train", "X_val")
    (test,) = read_npz(task_file(folder, "test", "test_data.npz"), "X_test")
    train = [image for part in parts for image in part]
    return noisy_task(folder, train, list(test), sigma, **settings)
