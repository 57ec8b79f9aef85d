"""A watch over posterior collapse, as a Keras callback."""

import logging
from typing import Any

import keras

from divnoising_tf.errors import InputError
from divnoising_tf.training.annealing import KLAnnealing

_logger = logging.getLogger(__name__)


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
        annealing: that of this training, to begin anew with a restart. Without one, the KL
            divergence is annealed over 15 epochs after a restart.

    Attributes:
        restarts: how many there were.

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
        annealing: KLAnnealing | None = None,
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
        self._annealing = _AnnealingAfterRestart() if annealing is None else annealing
        self._owns_annealing = annealing is None

    @property
    def restarted_at(self) -> int:
        """Epoch of the last restart, from which the annealing counts; 0 before the first."""
        return self._annealing.begun_at

    @restarted_at.setter
    def restarted_at(self, epoch: int | None) -> None:
        # None stands in states of trainings from before
        self._annealing.begin_at(int(epoch or 0))

    def set_model(self, model: keras.Model) -> None:
        """Take the model, for an annealing of its own too."""
        super().set_model(model)
        if self._owns_annealing:
            self._annealing.set_model(model)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Anneal after a restart, if no other callback does."""
        if self._owns_annealing:
            self._annealing.on_epoch_begin(epoch, logs)

    def on_train_end(self, logs: Any = None) -> None:
        """Leave the model with the full weight, if no other callback does."""
        if self._owns_annealing:
            self._annealing.on_train_end(logs)

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
            self._annealing.begin_at(epoch + 1)
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


class _AnnealingAfterRestart(KLAnnealing):
    """Annealing that leaves the weight alone until it is asked to begin."""

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        if self.begun_at:
            super().on_epoch_begin(epoch, logs)

    def on_train_end(self, logs: Any = None) -> None:
        if self.begun_at:
            super().on_train_end(logs)
