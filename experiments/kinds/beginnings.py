"""How a training must begin where most of an image is noise: first steps of several beginnings.

For each: the loss, the KL divergence and what the decoder's last level hears. Where none of its
ReLUs is alive, no gradient comes through, and no training goes on.
"""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

import divnoising_tf as dn
from divnoising_tf.models.families import network_settings
from divnoising_tf.models.precision import chosen_precision
from divnoising_tf.models.settings import NetworkSettings
from divnoising_tf.noise_models.units import noise_share
from experiments.recipe import Training
from experiments.seed_tables import seed_table
from experiments.task import Task
from experiments.tasks import load_task

_DEFAULTS: dict[str, Any] = {
    "name": "beginnings",
    "data": "eBook",  # what the table calls the task
    "task": "ebook",
    "options": {},
    "steps": 700,
    "network": {},
    "training": {},
    "beginnings": {},  # title to "network" and "training": what differs from those above
}


def run(settings: Mapping[str, Any], minutes: None, seed: int) -> dict[str, Any]:
    """Train every beginning for some steps.

    Args:
        settings: what differs from `_DEFAULTS`.
        minutes: none; steps are counted.
        seed: of weights and patches.
    """
    settings = {**_DEFAULTS, **settings}
    options = {**settings["options"], **Training(**settings["training"]).patches}
    task = load_task(settings["task"], options)
    share = round(noise_share(task.train, task.noise_model), 3)
    rows = []
    for title, own in settings["beginnings"].items():
        network = network_settings({**settings["network"], **own.get("network", {})})
        training = Training(**{**settings["training"], **own.get("training", {})})
        row = {"data": settings["data"], "share of noise": share, "beginning": title}
        rows.append(row | _begun(task, network, training, settings["steps"], seed))
        print(rows[-1], flush=True)
    return {"name": settings["name"], "steps": settings["steps"], "rows": rows}


def table(name: str, _recipe: Any, records: list[dict[str, Any]]) -> str:
    """Return what is there after the first steps as Markdown."""
    return seed_table(name, records, lambda result: result["rows"], _facts, digits=5)


def _facts(result: Mapping[str, Any]) -> dict[str, Any]:
    return {"steps": result["steps"]}


def _begun(
    task: Task, network: NetworkSettings, training: Training, steps: int, seed: int
) -> dict[str, Any]:
    """Return what is there after some steps, rounded up to whole epochs."""
    keras.utils.set_random_seed(seed)
    model = network.build(task.noise_model, dtype=chosen_precision())
    model.compile(keras.optimizers.Adam(training.learning_rate))
    patches, _ = dn.data.patches(
        task.train,
        task.patch_size,
        task.batch_size,
        validation_fraction=0.0,
        seed=seed,
        augment=task.augment,
        steps_per_epoch=training.steps_per_epoch,
    )
    history = model.fit(
        patches,
        epochs=-(-steps // training.steps_per_epoch),
        callbacks=[dn.KLAnnealing(training.annealing_epochs, training.annealing_start)],
        verbose=0,
    ).history
    return {
        "loss": round(history["loss"][-1], 4),
        "reconstruction": round(history["reconstruction"][-1], 4),
        "KL, nats per pixel": round(history["kl"][-1], 4),
        "active channels": int(history["active_channels"][-1]),
        "live ReLUs of the last level": live_share(model, next(iter(patches))),
    }


def live_share(model: dn.DivNoising, images: Any) -> float:
    """Return the share of channels of the decoder's last level that any pixel wakes."""
    latent, _ = model.encode(images)
    features, levels = model.decoder.convolutions()
    features = features(latent)
    for convolution, upsampling in levels:
        last = convolution(features)
        features = upsampling(last)
    awake = np.asarray(keras.ops.convert_to_numpy(last > 0)).any((0, 1, 2))
    return round(float(awake.mean()), 3)
