"""How the baselines with a U-Net are trained: the same network, patches, optimiser and budget."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from divnoising_tf import data
from divnoising_tf.blind_spot.unet import UNetDenoiser
from divnoising_tf.errors import InputError
from divnoising_tf.models.precision import chosen_precision
from experiments.task import Denoised, Task
from measuring.training_clock import TrainingClock

# what the authors of Noise2Void and of CARE train by default
DEPTH = 2
BASE_CHANNELS = 32
LEARNING_RATE = 1e-3
STEPS_PER_EPOCH = 100


class Training(NamedTuple):
    """Steps that were made, and minutes on the wall that they took."""

    steps: int
    minutes: float


class FallingRate(TrainingClock):
    """Ends training after some minutes, and lets the learning rate fall along half a cosine.

    Args:
        minutes: of training, on the wall.
        most_steps: end it earlier; the rate then falls with the steps.
    """

    def __init__(self, minutes: float, most_steps: int | None = None):
        self.budget = 60 * minutes
        self.seconds = 0.0
        self.steps = 0
        super().__init__([minutes], self._end, most_steps)

    def on_train_begin(self, logs: Any = None) -> None:
        """Note the rate to begin with."""
        self._first_rate = float(self.model.optimizer.learning_rate)

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Set the rate."""
        done = self._seconds / self.budget
        if self._most_steps is not None:
            done = max(done, self._steps / self._most_steps)
        falling = 0.5 + 0.5 * math.cos(math.pi * min(done, 1.0))
        self.model.optimizer.learning_rate.assign(self._first_rate * falling)
        super().on_train_batch_begin(batch, logs)

    def _end(self, row: dict[str, Any]) -> None:
        self.seconds, self.steps = self._seconds, self._steps


def architecture(seed: int) -> dict[str, Any]:
    """Return the arguments that all U-Nets of the baselines share."""
    return {
        "depth": DEPTH,
        "base_channels": BASE_CHANNELS,
        "seed": seed,
        "dtype": chosen_precision(),
    }


def noisy_patches(task: Task, multiple: int, seed: int) -> tf.data.Dataset:
    """Return random patches of the noisy images, (batch, y, x, 1), counts; none are held out."""
    return _patches(task.train, task, multiple, seed)


def paired_patches(task: Task, multiple: int, seed: int) -> tf.data.Dataset:
    """Return random patches of noisy and clean images: the same crops, turned alike.

    Raises:
        InputError: the task has no clean images to train on.
    """
    if task.train_signal is None:
        raise InputError(
            "There are no clean images to train on.", task.name, "Use an unsupervised method."
        )
    # there may be clean images of the first ones alone
    first = task.train[: len(task.train_signal)]
    pairs = [
        np.stack([noisy, clean], axis=-1).astype(np.float32)
        for noisy, clean in zip(first, task.train_signal, strict=True)
    ]
    both = _patches(pairs, task, multiple, seed, axes="YXC")
    return both.map(lambda batch: (batch[..., :1], batch[..., 1:]))


def train(
    model: UNetDenoiser, batches: tf.data.Dataset, minutes: float, most_steps: int | None = None
) -> Training:
    """Train the model for some minutes on the wall, or some steps, whatever ends first."""
    clock = FallingRate(minutes, most_steps)
    model.compile(keras.optimizers.Adam(LEARNING_RATE))
    model.fit(batches, epochs=100_000, callbacks=[clock], verbose=0)
    return Training(clock.steps, clock.seconds / 60)


def denoised(model: UNetDenoiser, training: Training, task: Task, **settings: Any) -> Denoised:
    """Denoise the test images by a trained model.

    Sides that the U-Net cannot halve are continued by their mirror image, see `denoise`.
    """
    settings = {
        "depth": model.depth,
        "base channels": model.base_channels,
        "weights": int(model.count_params()),
        "precision": model.dtype_policy.name,
        "learning rate": f"{LEARNING_RATE:g}, falling along half a cosine",
        "batch": f"{task.batch_size} patches of {patch_size(task, model.multiple)}²",
        **settings,
    }
    images = [model.denoise(image) for image in task.test]
    return Denoised(images, training.steps, training.minutes, settings)


def patch_size(task: Task, multiple: int) -> int:
    """Return the side of a patch that fits into all training images, pixels.

    Small images are not continued by their mirror image for training: a blind-spot network would
    find the noise of a hidden pixel in it.
    """
    smallest = min(side for image in task.train for side in image.shape)
    return max(multiple, min(task.patch_size, smallest) // multiple * multiple)


def _patches(
    images: Sequence[np.ndarray], task: Task, multiple: int, seed: int, axes: str | None = None
) -> tf.data.Dataset:
    batches, _ = data.patches(
        list(images),
        patch_size(task, multiple),
        task.batch_size,
        validation_fraction=0.0,
        seed=seed,
        augment=task.augment,
        axes=axes,
        steps_per_epoch=STEPS_PER_EPOCH,
    )
    return batches
