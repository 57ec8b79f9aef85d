"""DivNoising as all experiments have it: trained on a task within a time, and kept."""

import contextlib
import hashlib
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

import divnoising_tf as dn
from divnoising_tf.latent_metrics import active_latent_channels
from divnoising_tf.precision import chosen_precision
from experiments import kept
from experiments.recipe import Network, Training
from experiments.task import Task
from experiments.tasks import TaskName, load_task
from measuring.machine import cores
from measuring.training_clock import TrainingClock

AtMark = Callable[[dn.DivNoising, dict[str, Any]], None]

# the authors' number of trials; a time is the limit here
_MAX_RESTARTS = 20
# epochs that the posterior may be collapsed
_PATIENCE = 8
# enough to see a collapse, which is one of all images
_EXAMINED_IMAGES = 8


def trained(
    task: Task,
    network: Network,
    training: Training,
    minutes: float,
    seed: int,
    marks: Sequence[float] = (),
    at_mark: AtMark | None = None,
    restarts: int = _MAX_RESTARTS,
) -> tuple[dn.DivNoising, dict[str, Any]]:
    """Train a model on a task.

    A collapsed posterior is started anew with annealing, as `divnoising train` does; the time
    goes on. The model has the running average of its weights.

    Args:
        task: with the noisy images and the noise model.
        network: its size.
        training: how.
        minutes: of training steps; infinite where `training.most_steps` alone ends it.
        seed: of weights and patches.
        marks: minutes after which the training pauses, rising, below `minutes`.
        at_mark: called at each of them and at the end, with the model, whose weights are averaged
            then, and what is known of its training.
        restarts: of a collapsed posterior at most; with 0 nothing watches for one.

    Returns:
        The model, and what is known of its training.
    """
    keras.utils.set_random_seed(seed)
    precision = chosen_precision()
    model = dn.DivNoising(task.noise_model, dtype=precision, **network.model_dump())
    rate: Any = training.learning_rate
    if training.halving:
        rate = keras.optimizers.schedules.InverseTimeDecay(rate, training.halving, 1.0)
    model.compile(
        optimizer=keras.optimizers.Adam(rate, use_ema=True, ema_momentum=training.averaging)
    )
    patches, _ = dn.data.patches(
        task.train,
        task.patch_size,
        task.batch_size,
        validation_fraction=0.0,
        seed=seed,
        augment=task.augment,
        steps_per_epoch=training.steps_per_epoch,
    )
    measured: dict[str, Any] = {}

    def measure(facts: dict[str, Any]) -> None:
        measured.update(facts)
        if at_mark is not None:
            with _averaged_weights(model):
                at_mark(model, facts)

    collapse = dn.PosteriorCollapse(
        action="restart",
        patience=_PATIENCE,
        max_restarts=restarts,
        annealing_epochs=training.annealing_epochs or 15,
        annealing_start=training.annealing_start,
    )
    # the watch comes after the annealing: once it has restarted, its own annealing wins
    callbacks = [
        TrainingClock([*marks, minutes], measure, training.most_steps),
        dn.KLAnnealing(training.annealing_epochs, training.annealing_start),
        *[collapse] * bool(restarts),
    ]
    model.fit(patches, epochs=1_000_000, callbacks=callbacks, verbose=0)
    some = [image[..., np.newaxis] for image in task.train[:_EXAMINED_IMAGES]]
    measured |= {
        "restarts": collapse.restarts,
        "collapsed": active_latent_channels(model, some) == 0,
        "precision": precision,
        "noise model": repr(task.noise_model),
    }
    return model, measured


@contextlib.contextmanager
def _averaged_weights(model: keras.Model) -> Iterator[None]:
    """Give the model the optimiser's running average of its weights, in the midst of training."""
    kept = [variable.numpy() for variable in model.trainable_variables]
    model.optimizer.finalize_variable_values(model.trainable_variables)
    yield
    for variable, value in zip(model.trainable_variables, kept, strict=True):
        variable.assign(value)


def kept_or_trained(
    task: Task,
    network: Network,
    training: Training,
    minutes: float,
    seed: int,
    folder: str | Path | None = None,
) -> tuple[dn.DivNoising, dict[str, Any]]:
    """Return the model that a folder holds, or train one and keep it there; see `trained`.

    All experiments share it: what is asked for alike is trained once.

    Args:
        task: see `trained`, as what follows.
        network: likewise.
        training: likewise.
        minutes: likewise.
        seed: likewise.
        folder: None for that of `kept`.
    """
    asked = {
        **network.model_dump(),
        **training.model_dump(),
        "task": task.name,
        "training images": len(task.train),
        "noise model": repr(task.noise_model),
        # JSON has no infinity
        "minutes": float(minutes) if math.isfinite(minutes) else None,
        "cores": cores(),
        "seed": seed,
    }
    # the words would make too long a name of a file
    digest = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:10]
    name = f"{task.name}_{digest}"
    folder = None if folder is None else Path(folder)
    model, facts = kept.kept_model(name, folder)
    if facts is not None and facts["asked"] == asked:
        print(f"found the model {name}.keras", flush=True)
        return model, facts["training"]
    model, measured = trained(task, network, training, minutes, seed)
    kept.keep_model(name, model, {"asked": asked, "training": measured}, folder)
    return model, measured


def model_of_settings(
    name: TaskName,
    options: Mapping[str, Any],
    settings: Mapping[str, Any],
    minutes: float,
    seed: int,
    folder: str | Path | None = None,
) -> tuple[Task, dn.DivNoising, dict[str, Any]]:
    """Load a task and return its model, see `kept_or_trained`.

    Args:
        name: of the task.
        options: of its loader, without patches and batches.
        settings: with "network" and "training", as a recipe has them.
        minutes: of training steps.
        seed: of weights and patches.
        folder: of models; None for that of `kept`.

    Returns:
        The task, its model, and what is known of the training.
    """
    network, training = Network(**settings["network"]), Training(**settings["training"])
    task = load_task(name, {**options, **training.patches})
    return task, *kept_or_trained(task, network, training, minutes, seed, folder)
