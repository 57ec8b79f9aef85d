"""DivNoising as the tables have it: trained on a task, MMSE, MAP, calibration of uncertainty."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np

import divnoising_tf as dn
from divnoising_tf.evaluation import calibration
from divnoising_tf.latent_metrics import active_latent_channels
from divnoising_tf.precision import chosen_precision
from experiments import kept
from experiments.common import TrainingClock
from experiments.recipe import Network, Sampling, Training
from experiments.task import Task

# the authors' number of trials; a time is the limit here
_MAX_RESTARTS = 20
# epochs that the posterior may be collapsed
_PATIENCE = 8
# enough to see a collapse, which is one of all images
_EXAMINED_IMAGES = 8
# central intervals whose coverage is told
_LEVELS = (0.5, 0.8, 0.95)


class Estimates(NamedTuple):
    """What DivNoising made of the test images.

    Attributes:
        mmse: one image (y, x) per test image, counts.
        samples: that each took.
        mode: the MAP of the first images or of their corners, see `Sampling`.
        calibration: of the uncertainty, see `calibration_of`.
    """

    mmse: list[np.ndarray]
    samples: list[int]
    mode: list[np.ndarray]
    calibration: dict[str, Any]


def trained(
    task: Task, network: Network, training: Training, minutes: float, seed: int
) -> tuple[dn.DivNoising, dict[str, Any]]:
    """Train a model on a task.

    A collapsed posterior is started anew with annealing, as `divnoising train` does; the time
    goes on. The model has the running average of its weights.

    Args:
        task: with the noisy images and the noise model.
        network: its size.
        training: how.
        minutes: of training steps.
        seed: of weights and patches.

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
    collapse = dn.PosteriorCollapse(
        action="restart",
        patience=_PATIENCE,
        max_restarts=_MAX_RESTARTS,
        annealing_epochs=training.annealing_epochs or 15,
    )
    # the watch comes after the annealing: once it has restarted, its own annealing wins
    callbacks = [
        TrainingClock([minutes], measured.update),
        dn.KLAnnealing(training.annealing_epochs),
        collapse,
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


def kept_or_trained(
    folder: str | None,
    name: str,
    task: Task,
    network: Network,
    training: Training,
    minutes: float,
    seed: int,
) -> tuple[dn.DivNoising, dict[str, Any]]:
    """Return the model that a folder holds, or train one and keep it there; see `trained`.

    One that was trained otherwise than asked for is trained anew.

    Args:
        folder: None keeps nothing.
        name: of the model's file.
        task: see `trained`, as what follows.
        network: likewise.
        training: likewise.
        minutes: likewise.
        seed: likewise.
    """
    if folder is None:
        return trained(task, network, training, minutes, seed)
    stem = f"{name}_{minutes:g}min_seed{seed}"
    asked = {**network.model_dump(), **training.model_dump(), "noise model": repr(task.noise_model)}
    model, facts = kept.kept_model(stem, Path(folder))
    if facts is not None and facts["asked"] == asked:
        print(f"found the model {stem}.keras", flush=True)
        return model, facts["measured"]
    model, measured = trained(task, network, training, minutes, seed)
    kept.keep_model(stem, model, {"asked": asked, "measured": measured}, Path(folder))
    return model, measured


def estimated(model: dn.DivNoising, task: Task, sampling: Sampling, seed: int) -> Estimates:
    """Make the estimates of all test images.

    Args:
        model: trained.
        task: with the test images.
        sampling: how many samples.
        seed: of the samples.
    """
    mmse, samples = [], []
    for image in task.test:
        moments = model.posterior(image, seed=seed).moments(
            sampling.samples, tolerance=sampling.tolerance, antithetic=True
        )
        mmse.append(moments.mean)
        samples.append(moments.samples)
    mode = [
        model.posterior(image, seed=seed).mode(sampling.mode_samples)
        for image in mode_parts(task.test, sampling)
    ]
    calibration = calibration_of(model, task, sampling, seed)
    return Estimates(mmse, samples, mode, calibration)


def mode_parts(images: list[np.ndarray], sampling: Sampling) -> Iterator[np.ndarray]:
    """Yield the images, or their corners, of which the MAP is made."""
    corner = slice(0, sampling.mode_size)
    yield from (image[corner, corner] for image in images[: sampling.mode_images])


def calibration_of(
    model: dn.DivNoising, task: Task, sampling: Sampling, seed: int
) -> dict[str, float]:
    """Measure whether the truth lies in the intervals of the samples as often as they say.

    Returns:
        Means over the test images: coverage of the central intervals, expected calibration
        error, error of the mean over the predicted error.
    """
    number = sampling.calibration_samples
    measured = [
        calibration(model.posterior(image, seed=seed), truth, n=number)
        for image, truth in zip(task.test, task.test_signal, strict=True)
    ]
    figures = {
        f"coverage of the central {100 * level:.0f} %": [one.coverage_of(level) for one in measured]
        for level in _LEVELS
    }
    figures["expected calibration error"] = [one.expected_calibration_error for one in measured]
    figures["error / predicted error"] = [one.error_ratio for one in measured]
    return {name: round(float(np.mean(values)), 4) for name, values in figures.items()}
