"""What a denoising method is given, and what it gives back, in every experiment."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from divnoising_tf import NoiseModel


@dataclass(frozen=True)
class Task:
    """Images to denoise, all (y, x), float32, counts.

    Attributes:
        name: of the task, such as "bsd68".
        train: noisy observations.
        train_signal: clean images of the first of them, for supervised methods only; None where
            there are none that are not of the test.
        test: noisy observations.
        test_signal: the truth, in the units of the observations.
        noise_model: of the camera, or of the noise that was added.
        noise_deviation: typical standard deviation of the noise, for NLM and BM3D.
        patch_size: of training, pixels.
        batch_size: of training, patches.
        augment: whether patches may be flipped and turned; letters must not.
        most_steps: end a training early; None for its minutes alone.
    """

    name: str
    train: list[np.ndarray]
    train_signal: list[np.ndarray] | None
    test: list[np.ndarray]
    test_signal: list[np.ndarray]
    noise_model: NoiseModel
    noise_deviation: float
    patch_size: int = 128
    batch_size: int = 32
    augment: bool = True
    most_steps: int | None = None


@dataclass(frozen=True)
class Denoised:
    """What a method made of a task.

    Attributes:
        images: one per test image, counts.
        steps: of training, 0 where nothing is trained.
        training_minutes: likewise.
        settings: of the method, that can be written as JSON.
    """

    images: list[np.ndarray]
    steps: int = 0
    training_minutes: float = 0.0
    settings: dict[str, Any] = field(default_factory=dict)
