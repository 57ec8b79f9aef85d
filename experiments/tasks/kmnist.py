"""KMNIST, cursive Japanese letters of 28 x 28 pixels: clean images, noise is added."""

from typing import Any

from experiments.task import Task
from experiments.tasks.files import read_npz, task_file
from experiments.tasks.synthetic import noisy_task


def load(sigma: float = 140.0, test_images: int = 1000, **settings: Any) -> Task:
    """Load kmnist-train-imgs.npz and kmnist-test-imgs.npz of kmnist/; see `mnist.load`."""
    train, test = (
        read_npz(task_file("kmnist", f"kmnist-{part}-imgs.npz"), "arr_0")[0]
        for part in ("train", "test")
    )
    return noisy_task("kmnist", train, test[:test_images], sigma, **settings)
