"""What a method of the benchmark is given, and what it gives back."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from divnoising_tf.noise_models import NoiseModel


@dataclass(frozen=True)
class Task:
    """One row of a table: images to train on, images to denoise, and what is known of the noise.

    Attributes:
        name: of the row.
        train: noisy observations (y, x), float32, counts.
        train_signal: their clean images, for supervised methods only; None if there are none.
        test: noisy observations (y, x), float32, counts.
        test_signal: their truth.
        noise_model: p(x|s), in counts.
        noise_deviation: typical standard deviation of the noise, counts, for NLM and BM3D.
        patch_size: side of a training patch, pixels.
        batch_size: patches in a batch.
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


@dataclass(frozen=True)
class Denoised:
    """What a method made of a task.

    Attributes:
        images: one per test image, float32 (y, x), counts.
        steps: of training, 0 where nothing is trained.
        training_minutes: on the wall, 0 where nothing is trained.
        settings: the method's parameters, as JSON knows them.
    """

    images: list[np.ndarray]
    steps: int
    training_minutes: float
    settings: dict[str, Any]
