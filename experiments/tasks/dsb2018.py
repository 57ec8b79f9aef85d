"""Nuclei of the Data Science Bowl 2018, which stand for Mouse: clean images, noise is added."""

from typing import Any

from experiments.task import Task
from experiments.tasks.files import read_npz, task_file
from experiments.tasks.synthetic import noisy_task

TRAINING = 267  # images, of 334


def load(sigma: float = 20.0, **settings: Any) -> Task:
    """Load the images, 8 bit, with noise of deviation sigma, counts."""
    (images,) = read_npz(task_file("dsb2018_fluo", "dsb2018_256x256.npz"), "images")
    return noisy_task("dsb2018", images[:TRAINING], images[TRAINING:], sigma, **settings)
