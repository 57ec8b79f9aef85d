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
from divnoising_tf.models.base import VariationalDenoiser
from divnoising_tf.models.families import network_settings
from divnoising_tf.models.latent_metrics import active_latent_channels
from divnoising_tf.models.settings import NetworkSettings
from experiments import kept
from experiments.recipe import Training
from experiments.task import Task
from experiments.tasks import TaskName, load_task
from measuring.machine import cores
from measuring.training_clock import TrainingClock

AtMark = Callable[[VariationalDenoiser, dict[str, Any]], None]

# the authors' number of trials; a time is the limit here
_MAX_RESTARTS = 20
# enough to see a collapse, which is one of all images
_EXAMINED_IMAGES = 8


def trained(
    task: Task,
    network: NetworkSettings,
    training: Training,
    minutes: float,
    seed: int,
    marks: Sequence[float] = (),
    at_mark: AtMark | None = None,
    restarts: int = _MAX_RESTARTS,
) -> tuple[VariationalDenoiser, dict[str, Any]]:
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
    measured: dict[str, Any] = {}

    def measure(facts: dict[str, Any]) -> None:
        measured.update(facts)
        if at_mark is not None:
            with _averaged_weights(clock.model):
                at_mark(clock.model, facts)

    clock = TrainingClock([*marks, minutes], measure, training.most_steps)
    model, _, restarted = dn.train(
        task.train,
        task.noise_model,
        network,
        training.settings(task, restarts),
        epochs=1_000_000,
        seed=seed,
        callbacks=[clock],
    )
    some = [image[..., np.newaxis] for image in task.train[:_EXAMINED_IMAGES]]
    measured |= {
        "restarts": restarted,
        "collapsed": active_latent_channels(model, some) == 0,
        "precision": model.dtype_policy.name,
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
    network: NetworkSettings,
    training: Training,
    minutes: float,
    seed: int,
    folder: str | Path | None = None,
) -> tuple[VariationalDenoiser, dict[str, Any]]:
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
) -> tuple[Task, VariationalDenoiser, dict[str, Any]]:
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
    network = network_settings(settings["network"])
    training = Training(**settings["training"])
    task = load_task(name, {**options, **training.patches})
    return task, *kept_or_trained(task, network, training, minutes, seed, folder)
