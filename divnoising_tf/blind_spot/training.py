"""Trains a blind-spot denoiser in one call."""

import math
from time import monotonic
from typing import Any

import keras
import numpy as np

from divnoising_tf.blind_spot.denoiser import BlindSpotDenoiser
from divnoising_tf.data.patches import patches
from divnoising_tf.errors import InputError
from divnoising_tf.models.checks import check_architecture
from divnoising_tf.progress import progress

# an epoch means nothing here; its patches are drawn at its beginning, which takes time
_STEPS_PER_EPOCH = 100


def fit_blind_spot(
    images: Any,
    steps: int = 1500,
    minutes: float | None = None,
    patch_size: int = 64,
    batch_size: int = 8,
    learning_rate: float = 1e-3,
    seed: int = 0,
    **architecture: Any,
) -> BlindSpotDenoiser:
    """Train a blind-spot denoiser on noisy images.

    The learning rate falls along half a cosine to 0. The same seed gives the same denoiser,
    unless the minutes run out first.

    Args:
        images: noisy images, counts: an array (y, x) or (n, y, x), or a list of such arrays
            that may differ in size.
        steps: batches to train on.
        minutes: when to end at the latest; None for as long as the steps take.
        patch_size: side of a training patch, pixels, a multiple of 2^depth; less where the
            smallest image is smaller.
        batch_size: patches in a batch.
        learning_rate: of Adam, in the beginning.
        seed: of the initial weights, the patches and the hidden pixels.
        **architecture: further arguments of `BlindSpotDenoiser`.

    Returns:
        The trained denoiser.

    Raises:
        InputError: the images or arguments cannot be used.

    Example:
        >>> images = np.random.default_rng(0).poisson(50, (2, 64, 64))
        >>> denoiser = fit_blind_spot(images, steps=2, batch_size=2, base_channels=4)
        >>> denoiser.denoise(images).shape
        (2, 64, 64)
    """
    check_architecture(steps=steps)
    if minutes is not None and not minutes > 0:
        raise InputError("The training time must be positive.", minutes, "Give it in minutes.")
    denoiser = BlindSpotDenoiser(seed=seed, **architecture)
    if patch_size % denoiser.multiple:
        raise InputError(
            f"The side of a patch must be a multiple of {denoiser.multiple} pixels.",
            patch_size,
            "The default works.",
        )
    train, _ = patches(
        images,
        patch_size=_fitting(images, patch_size, denoiser.multiple),
        batch_size=batch_size,
        validation_fraction=0,
        seed=seed,
        steps_per_epoch=min(steps, _STEPS_PER_EPOCH),
    )
    denoiser.compile(keras.optimizers.Adam(learning_rate))
    with progress("Training the blind-spot denoiser", total=steps) as advance:
        epochs = math.ceil(steps / _STEPS_PER_EPOCH)
        course = _Course(steps, minutes, advance)
        denoiser.fit(train, epochs=epochs, verbose=0, callbacks=[course])
    return denoiser


def _fitting(images: Any, patch_size: int, multiple: int) -> int:
    stacks = images if isinstance(images, list | tuple) else [images]
    smallest = min((side for stack in stacks for side in np.shape(stack)[-2:]), default=0)
    return max(multiple, min(patch_size, smallest // multiple * multiple))


class _Course(keras.callbacks.Callback):
    """Lowers the learning rate over the steps, or the minutes if these go by faster."""

    def __init__(self, steps: int, minutes: float | None, advance: Any):
        super().__init__()
        self._steps = steps
        self._seconds = math.inf if minutes is None else 60 * minutes
        self._advance = advance

    def on_train_begin(self, logs: Any = None) -> None:
        self._begin = monotonic()
        self._first_rate = float(self.model.optimizer.learning_rate)
        self._taken = 0

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        falling = 0.5 + 0.5 * math.cos(math.pi * min(self._done(), 1.0))
        self.model.optimizer.learning_rate.assign(self._first_rate * falling)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self._taken += 1
        self._advance(1)
        if self._done() >= 1:
            self.model.stop_training = True

    def _done(self) -> float:
        passed = monotonic() - self._begin
        return max(self._taken / self._steps, passed / self._seconds)
