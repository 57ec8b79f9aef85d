"""MDCK membranes, which stand for Flywing: clean images, noise is added."""

from pathlib import Path
from typing import Any

import numpy as np

from experiments.task import Task
from experiments.tasks.files import read_npz, task_file
from experiments.tasks.synthetic import noisy_task

TRAINING = 7  # images, of 10
# counts of the 12-bit camera that become 0 and 255
LOWEST, HIGHEST = 400.0, 2400.0


def load(sigma: float = 70.0, **settings: Any) -> Task:
    """Load the images, 0..255 counts, with noise of deviation sigma."""
    (images,) = read_npz(_file(), "images")
    clipped = np.clip(images.astype(np.float32), LOWEST, HIGHEST)
    clean = (clipped - LOWEST) / (HIGHEST - LOWEST) * 255
    return noisy_task("mdck", clean[:TRAINING], clean[TRAINING:], sigma, **settings)


def membranes_of_test() -> np.ndarray:
    """Return where the data set has the membranes of the test images, bool (n, y, x)."""
    (masks,) = read_npz(_file(), "membrane")
    return masks[TRAINING:] > 0


def _file() -> Path:
    return task_file("mdck_zo1", "mdck_zo1_wt.npz")
