"""The annealing of the KL divergence, as a Keras callback."""

import math
from collections.abc import Callable
from typing import Any

import keras

from divnoising_tf.errors import InputError

_SHAPES: dict[str, Callable[[float], float]] = {
    "linear": lambda share: share,
    "cosine": lambda share: 0.5 - 0.5 * math.cos(math.pi * share),
    "sigmoid": lambda share: _sigmoid(share),
}


class KLAnnealing(keras.callbacks.Callback):
    """Raises the weight of the KL divergence from 0 to 1 over the first epochs.

    The weight depends on the epoch alone, so a training that is resumed goes on where it was.
    Validation losses always have the full weight, so that they compare between epochs. This is
    the one callback that sets the weight: whoever begins a training anew asks it to `begin_at`.

    Args:
        epochs: how many epochs the rise takes.
        start: epochs before the rise, in which the weight is 0.
        shape: "linear" as the authors', "cosine" or "sigmoid".

    Attributes:
        begun_at: epoch from which it counts; 0 at first.

    Raises:
        InputError: an argument has no meaning.

    Example:
        >>> annealing = KLAnnealing(epochs=4)
        >>> [annealing.weight(epoch) for epoch in range(6)]
        [0.0, 0.25, 0.5, 0.75, 1.0, 1.0]
    """

    def __init__(self, epochs: int = 15, start: int = 0, shape: str = "linear"):
        super().__init__()
        if epochs < 0 or start < 0:
            raise InputError(
                "Annealing cannot take a negative number of epochs.",
                f"epochs={epochs}, start={start}",
                "Give zero or more.",
            )
        if shape not in _SHAPES:
            raise InputError(
                "This shape of annealing is not known.", repr(shape), f"Use one of {list(_SHAPES)}."
            )
        self.epochs = epochs
        self.start = start
        self.shape = shape
        self.begun_at = 0

    def begin_at(self, epoch: int) -> None:
        """Begin anew with an epoch, as after a restart."""
        self.begun_at = epoch

    def weight(self, epoch: int) -> float:
        """Return the weight in [0, 1] of an epoch, counted from 0."""
        after_start = epoch - self.begun_at - self.start
        if after_start < 0:
            return 0.0
        if self.epochs == 0:
            return 1.0
        return _SHAPES[self.shape](min(1.0, after_start / self.epochs))

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Set the weight of the epoch that begins."""
        self.model.kl_weight.assign(self.weight(epoch))

    def on_train_end(self, logs: Any = None) -> None:
        """Leave the model with the full weight."""
        self.model.kl_weight.assign(1.0)


def _sigmoid(share: float) -> float:
    # from 0 to 1 exactly, steepest in the middle
    def logistic(value: float) -> float:
        return 1 / (1 + math.exp(-value))

    low, high = logistic(-6), logistic(6)
    return (logistic(12 * share - 6) - low) / (high - low)
