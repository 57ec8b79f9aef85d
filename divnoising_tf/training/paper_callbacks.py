"""The paper's training as Keras callbacks, with a limit of time."""

from typing import Any

import keras

from divnoising_tf.training.annealing import KLAnnealing
from divnoising_tf.training.collapse import PosteriorCollapse
from divnoising_tf.training.time_limit import TimeLimit


def paper_callbacks(
    minutes: float | TimeLimit | None = None,
    annealing_epochs: int = 0,
    validation: bool = True,
    annealing_start: int = 0,
    plateau: bool = True,
    collapse_patience: int | None = 2,
    max_restarts: int = 3,
) -> list[keras.callbacks.Callback]:
    """Return the callbacks of the paper's training (supplement, and the authors' code).

    The learning rate halves after 30 epochs without progress; training ends after 100 epochs
    without progress of 1e-6. Beyond the paper: a collapsed posterior is started anew, up to
    3 times, with annealing.

    Args:
        minutes: training also ends after this time, or by this limit; None for no limit.
        annealing_epochs: over how many epochs the KL divergence gets its weight; 0 for at once.
        validation: whether there are validation images to judge progress by.
        annealing_start: epochs before the annealing, without the KL divergence.
        plateau: whether the rate falls and the training ends for want of progress.
        collapse_patience: epochs that the posterior may be collapsed before a restart; None:
            nothing watches.
        max_restarts: of a collapsed training.

    Returns:
        Callbacks for `DivNoising.fit`; the learning rate to begin with is the optimiser's
        (the paper's: Adam, 1e-3).

    Example:
        >>> [type(one).__name__ for one in paper_callbacks(minutes=5, annealing_epochs=15)]
        ['PlateauAfterAnnealing', 'EarlyStopping', 'KLAnnealing', 'PosteriorCollapse', 'TimeLimit']
    """
    watched: dict[str, Any] = {"monitor": "val_loss" if validation else "loss", "mode": "min"}
    annealed = annealing_start + annealing_epochs
    callbacks: list[keras.callbacks.Callback] = []
    if plateau:
        callbacks = [
            PlateauAfterAnnealing(annealed, factor=0.5, patience=30, **watched),
            keras.callbacks.EarlyStopping(
                min_delta=1e-6, patience=100, start_from_epoch=annealed, **watched
            ),
        ]
    annealing = KLAnnealing(annealing_epochs, annealing_start) if annealing_epochs else None
    if annealing is not None:
        callbacks.append(annealing)
    if collapse_patience is not None:
        callbacks.append(
            PosteriorCollapse(
                patience=collapse_patience,
                action="restart",
                max_restarts=max_restarts,
                annealing=annealing,
            )
        )
    if minutes is not None:
        callbacks.append(minutes if isinstance(minutes, TimeLimit) else TimeLimit(minutes))
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
