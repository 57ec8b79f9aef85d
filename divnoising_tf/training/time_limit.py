"""A training that ends after a time."""

import time
from typing import Any

import keras

from divnoising_tf.errors import InputError


class TimeLimit(keras.callbacks.Callback):
    """Ends training after a time, in the middle of an epoch if need be.

    Args:
        minutes: of training; that before an interruption counts, see `used_seconds`.

    Attributes:
        used_seconds: time of this and, if `TrainingBackup` restored it, of earlier runs.

    Raises:
        InputError: the time is not positive.
    """

    def __init__(self, minutes: float):
        super().__init__()
        if not minutes > 0:
            raise InputError("The time to train must be positive.", minutes, "Give it in minutes.")
        self.minutes = minutes
        self.used_seconds = 0.0
        self._last = 0.0

    def on_train_begin(self, logs: Any = None) -> None:
        """Start the clock."""
        self._last = time.monotonic()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Stop when the time is over."""
        self._count()
        if self.used_seconds >= 60 * self.minutes:
            self.model.stop_training = True

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Count the validation too."""
        self._count()

    def _count(self) -> None:
        now = time.monotonic()
        self.used_seconds += now - self._last
        self._last = now
