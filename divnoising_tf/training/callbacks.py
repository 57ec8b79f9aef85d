"""Keras callbacks of this model: KL annealing, and a watch over posterior collapse."""

import logging
import math
from typing import Any

import keras

from divnoising_tf.errors import InputError

_logger = logging.getLogger(__name__)

_SHAPES = {
    "linear": lambda share: share,
    "cosine": lambda share: 0.5 - 0.5 * math.cos(math.pi * share),
    "sigmoid": lambda share: _sigmoid(share),
}


class KLAnnealing(keras.callbacks.Callback):
    """Raises the weight of the KL divergence from 0 to 1 over the first epochs.

    The weight depends on the epoch alone, so a training that is resumed goes on where it was.
    Validation losses always have the full weight, so that they compare between epochs.

    Args:
        epochs: how many epochs the rise takes.
        start: epochs before the rise, in which the weight is 0.
        shape: "linear" as the authors', "cosine" or "sigmoid".

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

    def weight(self, epoch: int) -> float:
        """Return the weight in [0, 1] of an epoch, counted from 0."""
        if epoch < self.start:
            return 0.0
        if self.epochs == 0:
            return 1.0
        return _SHAPES[self.shape](min(1.0, (epoch - self.start) / self.epochs))

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Set the weight of the epoch that begins."""
        self.model.kl_weight.assign(self.weight(epoch))

    def on_train_end(self, logs: Any = None) -> None:
        """Leave the model with the full weight."""
        self.model.kl_weight.assign(1.0)


class PosteriorCollapse(keras.callbacks.Callback):
    """Watches whether the latents still carry information; stops or restarts when they do not.

    The posterior has collapsed when q(z|x) is the prior for every image: the KL divergence of an
    epoch is near 0 and no latent channel is active, and the decoder gives one and the same
    image. The authors abort such a training and start it again, up to 20 times.

    Args:
        minimum_kl: nats per pixel; an epoch below it counts as collapsed (the authors' 1e-5).
        minimum_active: active latent channels, see `ActiveLatentChannels`; an epoch with fewer
            counts as collapsed too.
        patience: collapsed epochs in a row that are borne before acting.
        action: "stop" ends the training; "restart" gives the networks new initial weights and
            anneals the KL divergence from then on.
        max_restarts: restarts after which the training is stopped after all.
        annealing_epochs: length of the annealing after a restart.
        annealing_start: epochs before it, in which the weight is 0.

    Attributes:
        restarts: how many there were.
        restarted_at: epoch of the last one; None before the first.

    Raises:
        InputError: an argument has no meaning.
    """

    def __init__(
        self,
        minimum_kl: float = 1e-5,
        minimum_active: int = 1,
        patience: int = 2,
        action: str = "stop",
        max_restarts: int = 3,
        annealing_epochs: int = 15,
        annealing_start: int = 0,
    ):
        super().__init__()
        if action not in ("stop", "restart"):
            raise InputError("This action is not known.", repr(action), 'Use "stop" or "restart".')
        if patience < 1 or max_restarts < 0:
            raise InputError(
                "patience must be at least 1 and max_restarts at least 0.",
                f"patience={patience}, max_restarts={max_restarts}",
                "The defaults work.",
            )
        self.minimum_kl = minimum_kl
        self.minimum_active = minimum_active
        self.patience = patience
        self.action = action
        self.max_restarts = max_restarts
        self.restarts = 0
        self.collapsed_epochs = 0
        self.restarted_at: int | None = None
        self._annealing = KLAnnealing(epochs=annealing_epochs, start=annealing_start)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Anneal after a restart."""
        if self.restarted_at is not None:
            self.model.kl_weight.assign(self._annealing.weight(epoch - self.restarted_at))

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Judge the epoch that ended."""
        logs = logs or {}
        if "kl" not in logs or "active_channels" not in logs:
            return
        collapsed = logs["kl"] < self.minimum_kl or logs["active_channels"] < self.minimum_active
        self.collapsed_epochs = self.collapsed_epochs + 1 if collapsed else 0
        if self.collapsed_epochs >= self.patience:
            self._act(epoch, logs)

    def _act(self, epoch: int, logs: Any) -> None:
        state = (
            f"Posterior collapse in epoch {epoch + 1}: KL {logs['kl']:.2g} nats per pixel, "
            f"{int(logs['active_channels'])} active latent channels. "
        )
        if self.action == "restart" and self.restarts < self.max_restarts:
            self.restarts += 1
            self.collapsed_epochs = 0
            reinitialise(self.model)
            self.restarted_at = epoch + 1
            _logger.warning("%sRestart %d of %d.", state, self.restarts, self.max_restarts)
            return
        self.model.stop_training = True
        _logger.warning(
            "%sTraining stopped. Train again with KLAnnealing(epochs=15), with another seed, or "
            "in float32; check that the noise model's units are the image's counts: noise "
            "that is modelled too strong leaves nothing to learn.",
            state,
        )


def reinitialise(model: keras.Model) -> None:
    """Give the networks new random weights and forget the optimiser's moments."""
    fresh = type(model).from_config(model.get_config())
    for network, other in zip(model.networks, fresh.networks, strict=True):
        network.set_weights(other.get_weights())
    for variable in model.optimizer.variables:
        if variable is not model.optimizer.learning_rate:
            variable.assign(keras.ops.zeros_like(variable))


def _sigmoid(share: float) -> float:
    # from 0 to 1 exactly, steepest in the middle
    def logistic(value: float) -> float:
        return 1 / (1 + math.exp(-value))

    low, high = logistic(-6), logistic(6)
    return (logistic(12 * share - 6) - low) / (high - low)
