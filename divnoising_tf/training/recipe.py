"""The paper's training recipe, as Keras callbacks, with a limit of time."""

import time
from typing import Any

import keras

from divnoising_tf.errors import InputError
from divnoising_tf.training.callbacks import KLAnnealing, PosteriorCollapse


def recipe_callbacks(
    minutes: float | None = None,
    annealing_epochs: int = 0,
    validation: bool = True,
    annealing_start: int = 0,
) -> list[keras.callbacks.Callback]:
    """Return the callbacks of the paper's recipe (supplement, and the authors' code).

    The learning rate halves after 30 epochs without progress; training ends after 100 epochs
    without progress of 1e-6. Beyond the paper: a collapsed posterior is started anew, up to
    3 times, with annealing.

    Args:
        minutes: training also ends after this time; None for no limit.
        annealing_epochs: over how many epochs the KL divergence gets its weight; 0 for at once.
        validation: whether there are validation images to judge progress by.
        annealing_start: epochs before the annealing, without the KL divergence.

    Returns:
        Callbacks for `DivNoising.fit`; the learning rate to begin with is the optimiser's
        (the paper's: Adam, 1e-3).

    Example:
        >>> [type(one).__name__ for one in recipe_callbacks(minutes=5, annealing_epochs=15)]
        ['PlateauAfterAnnealing', 'EarlyStopping', 'KLAnnealing', 'PosteriorCollapse', 'TimeLimit']
    """
    watched: dict[str, Any] = {"monitor": "val_loss" if validation else "loss", "mode": "min"}
    annealed = annealing_start + annealing_epochs
    callbacks: list[keras.callbacks.Callback] = [
        PlateauAfterAnnealing(annealed, factor=0.5, patience=30, **watched),
        keras.callbacks.EarlyStopping(
            min_delta=1e-6, patience=100, start_from_epoch=annealed, **watched
        ),
    ]
    again: dict[str, Any] = {}
    if annealing_epochs:
        callbacks.append(KLAnnealing(annealing_epochs, annealing_start))
        again = {"annealing_epochs": annealing_epochs, "annealing_start": annealing_start}
    # after the annealing: once it has restarted, its own annealing must win
    callbacks.append(PosteriorCollapse(action="restart", **again))
    if minutes is not None:
        callbacks.append(TimeLimit(minutes))
    return callbacks


class PlateauAfterAnnealing(keras.callbacks.ReduceLROnPlateau):
    """`ReduceLROnPlateau` that looks on while the KL divergence gets its weight.

    Until then the loss that it watches need not fall, and the rate must not.

    Args:
        annealed: first epoch that counts.
        **settings: of `ReduceLROnPlateau`.
    """

    def __init__(self, annealed: int, **settings: Any):
        super().__init__(**settings)
        self.annealed = annealed

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Judge the epoch."""
        if epoch >= self.annealed:
            super().on_epoch_end(epoch, logs)


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
