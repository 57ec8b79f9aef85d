"""MNIST, digits of 28 x 28 pixels: clean images, noise is added."""

from typing import Any

from experiments.task import Task
from experiments.tasks.files import read_npz, task_file
from experiments.tasks.synthetic import noisy_task


def load(sigma: float = 140.0, test_images: int = 1000, **settings: Any) -> Task:
    """Load the digits, 8 bit, with noise of deviation sigma, counts.

    Args:
        sigma: of the noise.
        test_images: the first ones of 10,000.
        **settings: further fields of `Task`.
    """
    train, test = read_npz(task_file("mnist", "mnist.npz"), "x_train", "x_test")
    return noisy_task("mnist", train, test[:test_images], sigma, **settings)
