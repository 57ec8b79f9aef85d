"""A task of clean images to which Gaussian noise is added."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from divnoising_tf import GaussianNoiseModel
from experiments.task import Task
from experiments.tasks.files import as_floats, with_noise


def noisy_task(
    name: str,
    train: Sequence[np.ndarray],
    test: Sequence[np.ndarray],
    sigma: float,
    **settings: Any,
) -> Task:
    """Return the task of clean images (y, x), counts, under noise of deviation sigma.

    Args:
        name: of the task.
        train: clean images.
        test: likewise.
        sigma: standard deviation of the noise, counts; the noise model knows it.
        **settings: further fields of `Task`.
    """
    return Task(
        name,
        train=with_noise(train, sigma, stream=0),
        train_signal=as_floats(train),
        test=with_noise(test, sigma, stream=1),
        test_signal=as_floats(test),
        noise_model=GaussianNoiseModel(sigma),
        noise_deviation=float(sigma),
        **settings,
    )
