"""Trains a model within a budget of minutes, or of steps for a try, guarded against collapse."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

import divnoising_tf as dn
from divnoising_tf.precision import chosen_precision
from experiments import kept
from experiments.common import TrainingClock

_MANY_EPOCHS = 1_000_000  # the clock decides


@dataclass(frozen=True)
class TrainingSettings:
    """How a model is trained; `training:` of a recipe.

    Attributes:
        patch_size: pixels.
        batch_size: small ones make more steps in a given time; averaging takes out their noise.
        steps_per_epoch: an epoch is what the annealing counts in.
        annealing_epochs: over which the KL divergence gets its weight.
        patience: collapsed epochs in a row before a new start.
        augment: whether patches are flipped and turned.
        learning_rate: of Adam, at the beginning.
        halving: steps after which the rate is half, falling as 1 / time; 0 keeps it constant.
        averaging: momentum of the running average of the weights, which are the result.
        precision: "auto", "float32" or "mixed_bfloat16".
        most_steps: ends the training early, to try a recipe.
    """

    patch_size: int = 128
    batch_size: int = 4
    steps_per_epoch: int = 50
    annealing_epochs: int = 20
    patience: int = 8
    augment: bool = True
    learning_rate: float = 1e-3
    halving: int = 0
    averaging: float = 0.998
    precision: str = "auto"
    most_steps: int | None = None


def kept_or_trained(
    name: str,
    settings: Mapping[str, Any],
    images: np.ndarray,
    noise_model: dn.NoiseModel,
    minutes: float,
    seed: int,
) -> tuple[dn.DivNoising, dict[str, Any]]:
    """Train a model and keep it; where the runner is given a folder of models, look there first.

    Args:
        name: of the model; its seed is added.
        settings: of the experiment: "network", "training", and the runner's "models". A model
            that is found must have been trained with the same ones and the same minutes.
        images: see `trained`.
        noise_model: likewise.
        minutes: likewise.
        seed: likewise.
    """
    folder = Path(settings["models"]) if settings.get("models") else None
    network, training = settings.get("network") or {}, settings.get("training") or {}
    asked = {
        "minutes": minutes,
        "network": dict(network),
        "training": asdict(TrainingSettings(**training)),
    }
    name = f"{name}-{seed}"
    if folder is not None:
        model, facts = kept.kept_model(name, folder)
        if facts is not None and facts["asked"] == asked:
            print(f"found the model {name}", flush=True)
            return model, facts["training"]
    model, measured = trained(images, noise_model, minutes, seed, network, training)
    kept.keep_model(name, model, {"asked": asked, "training": measured}, folder)
    return model, measured


def trained(
    images: np.ndarray,
    noise_model: dn.NoiseModel,
    minutes: float,
    seed: int,
    network: Mapping[str, Any] | None = None,
    training: Mapping[str, Any] | None = None,
) -> tuple[dn.DivNoising, dict[str, Any]]:
    """Return a trained model, with its averaged weights, and what is known of its training.

    Args:
        images: noisy (n, y, x), counts.
        noise_model: of the images.
        minutes: of training steps, on the wall.
        seed: of weights, patches and latents.
        network: of `DivNoising`: depth, latent_channels, base_channels, beta.
        training: of `TrainingSettings`.
    """
    settings = TrainingSettings(**(training or {}))
    keras.utils.set_random_seed(seed)
    precision = chosen_precision(settings.precision)
    model = dn.DivNoising(noise_model, dtype=precision, **(network or {}))
    rate: Any = settings.learning_rate
    if settings.halving:
        rate = keras.optimizers.schedules.InverseTimeDecay(rate, settings.halving, 1.0)
    model.compile(
        optimizer=keras.optimizers.Adam(rate, use_ema=True, ema_momentum=settings.averaging)
    )
    patches, _ = dn.data.patches(
        images,
        settings.patch_size,
        settings.batch_size,
        validation_fraction=0.0,
        seed=seed,
        augment=settings.augment,
        steps_per_epoch=settings.steps_per_epoch,
    )
    clock = _Budget(minutes, settings.most_steps)
    watch = dn.PosteriorCollapse(
        action="restart",
        patience=settings.patience,
        annealing_epochs=settings.annealing_epochs,
    )
    # the watch comes last: after a restart its own annealing wins
    callbacks = [clock, dn.KLAnnealing(epochs=settings.annealing_epochs), watch]
    model.fit(patches, epochs=_MANY_EPOCHS, callbacks=callbacks, verbose=0)
    # Keras has given the model its averaged weights at the end
    size = settings.patch_size
    return model, {
        **clock.row,
        "restarts after collapse": watch.restarts,
        "precision": precision,
        "batch": f"{settings.batch_size} patches of {size} x {size}",
    }


class _Budget(TrainingClock):
    """A clock with one mark, which may also end by steps, or when the training gives up."""

    def __init__(self, minutes: float, most_steps: int | None):
        self.row: dict[str, Any] = {}
        super().__init__([minutes], self._measured)
        self._most_steps = most_steps

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Count the step, and stop when the budget is used."""
        super().on_train_batch_end(batch, logs)
        if self._most_steps and self._steps >= self._most_steps:
            self._end(logs)

    def on_train_end(self, logs: Any = None) -> None:
        """Say how far the training came that was stopped by others."""
        self._end(logs)

    def _end(self, logs: Any) -> None:
        if not self.row:
            self._at_mark(round(self._wall_seconds / 60, 3), logs or {})
        self.model.stop_training = True

    def _measured(self, row: dict[str, Any]) -> None:
        row["weight of the KL divergence"] = round(float(self.model.kl_weight), 3)
        self.row = row
