"""BSD68, natural images in grey: trained on BSD400; clean images, noise is added."""

from typing import Any

from experiments.task import Task
from experiments.tasks.files import read_npz, task_file
from experiments.tasks.synthetic import noisy_task


def load(sigma: float = 25.0, **settings: Any) -> Task:
    """Load the images, 8 bit, with noise of deviation sigma, counts."""
    (train,) = read_npz(task_file("bsd", "bsd400_train_180x180.npz"), "images")
    keys = ("landscape_321x481", "portrait_481x321")
    landscape, portrait = read_npz(task_file("bsd", "bsd68_test.npz"), *keys)
    return noisy_task("bsd68", train, [*landscape, *portrait], sigma, **settings)
