"""From noisy images and a noise model to a trained model: the one way that all of us take."""

import contextlib
import logging
import math
import os
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import keras
import tensorflow as tf

from divnoising_tf.data.patches import named_planes, patches
from divnoising_tf.data.reading import Image
from divnoising_tf.errors import InputError
from divnoising_tf.models.base import VariationalDenoiser
from divnoising_tf.models.divnoising.settings import DivNoisingSettings
from divnoising_tf.models.precision import chosen_precision, described_precision
from divnoising_tf.models.settings import NetworkSettings
from divnoising_tf.noise_models import NoiseModel
from divnoising_tf.noise_models.outliers import OutlierWarning, outliers, warn_of_training
from divnoising_tf.noise_models.units import noise_share
from divnoising_tf.training.backup import TrainingBackup
from divnoising_tf.training.collapse import PosteriorCollapse
from divnoising_tf.training.paper_callbacks import paper_callbacks
from divnoising_tf.training.settings import TrainingSettings
from divnoising_tf.training.strong_noise import STRONG_NOISE, strong_noise_annealing
from divnoising_tf.training.time_limit import TimeLimit

_logger = logging.getLogger(__name__)

_DEFAULT_EPOCHS = 200
_MANY_EPOCHS = 1_000_000  # where the minutes decide


class Trained(NamedTuple):
    """A trained model, and how the training went.

    Attributes:
        model: with its best or averaged weights, see `TrainingSettings`.
        history: the metrics of all epochs, one dictionary each.
        restarts: of a collapsed posterior.
    """

    model: VariationalDenoiser
    history: list[dict[str, float]]
    restarts: int


def train(
    images: Any,
    noise_model: NoiseModel,
    network: NetworkSettings | None = None,
    settings: TrainingSettings | None = None,
    *,
    minutes: float | TimeLimit | None = None,
    epochs: int | None = None,
    axes: str | None = None,
    seed: int = 0,
    precision: str = "auto",
    folder: str | os.PathLike[str] | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> Trained:
    """Train a model on noisy images; go on with a training that was interrupted.

    Args:
        images: noisy, counts, see `divnoising_tf.data.patches`.
        noise_model: of their camera, counts; learned too if it is `trainable`.
        network: sizes and family of the model; None for DivNoising as in the paper.
        settings: how it is trained; None for the paper's way.
        minutes: training ends after this time, or by this limit.
        epochs: training ends after so many; 200 if neither is given.
        axes: of every image, such as "TYX"; None as for `patches`.
        seed: of weights and patches.
        precision: number format, see `chosen_precision`.
        folder: where the state is kept until the training is done. If there is one already, the
            training goes on with it; the caller deletes it, see `TrainingBackup.remove`. None
            to keep none.
        callbacks: more Keras callbacks, such as one that shows the progress.

    Returns:
        The model, its history, and how often it was started anew.

    Raises:
        InputError: images, sizes or numbers cannot be used, or the loss was never finite.

    Example:
        >>> import numpy as np
        >>> from divnoising_tf import GaussianNoiseModel
        >>> images = np.random.default_rng(0).normal(100, 20, (4, 64, 64))
        >>> small = DivNoisingSettings(depth=1, latent_channels=4, base_channels=4)
        >>> quick = TrainingSettings(patch_size=32, batch_size=4)
        >>> model, history, _ = train(images, GaussianNoiseModel(15.0), small, quick, epochs=2)
        >>> model.posterior(images[0]).sample(2).shape, len(history)
        ((2, 64, 64), 2)
    """
    network = network or DivNoisingSettings()
    settings = settings or TrainingSettings()
    _check_patch_size(settings.patch_size, network.multiple)
    planes = _planes(images, axes)
    strong = _is_strong(settings.strong_noise, planes, noise_model)
    keras.utils.set_random_seed(seed)
    dtype = chosen_precision(precision)
    _logger.info("Computing in %s.", described_precision(dtype))
    with _state_folder(folder, settings.validation_fraction) as state:
        begun = TrainingBackup(state).epoch if state else 0
        training, held_out = patches(
            planes,
            settings.patch_size,
            settings.batch_size,
            validation_fraction=settings.validation_fraction,
            seed=seed,
            augment=settings.augment,
            steps_per_epoch=settings.steps_per_epoch,
            first_epoch=begun,
        )
        channels = int(training.element_spec.shape[-1])
        chosen = network.for_strong_noise() if strong else network
        model = chosen.build(noise_model, channels, dtype)
        model.compile(optimizer=_optimizer(settings))
        _adapt(model, training, planes)
        schedule = _schedule(settings, strong, int(training.cardinality()), minutes)
        monitor = "val_loss" if held_out is not None else "loss"
        backup = TrainingBackup(state, schedule, monitor) if state else None
        if begun:
            _logger.info("Going on with epoch %d.", begun + 1)
        result = model.fit(
            training,
            validation_data=held_out,
            epochs=most_epochs(epochs, minutes),
            initial_epoch=begun,
            callbacks=[*schedule, *([backup] if backup else []), *callbacks],
            verbose=0,
        )
        history = backup.history if backup else _by_epoch(result)
        _check_learned(history)
        if backup is not None and settings.averaging is None:
            backup.load_best(model)
    restarts = sum(int(one.restarts) for one in schedule if isinstance(one, PosteriorCollapse))
    return Trained(model, history, restarts)


def most_epochs(epochs: int | None, minutes: object) -> int:
    """Return the epochs after which `train` ends at the latest; many, where minutes decide."""
    return epochs or (_DEFAULT_EPOCHS if minutes is None else _MANY_EPOCHS)


def _schedule(
    settings: TrainingSettings, strong: bool, steps: int, minutes: float | TimeLimit | None
) -> list[keras.callbacks.Callback]:
    start, rise = settings.annealing_start, settings.annealing_epochs
    if strong:
        needed = strong_noise_annealing(steps)
        start, rise = needed.start, max(rise, needed.epochs)
    return paper_callbacks(
        minutes,
        rise,
        validation=settings.validation_fraction > 0,
        annealing_start=start,
        plateau=settings.plateau,
        collapse_patience=settings.collapse_patience,
        max_restarts=settings.max_restarts,
    )


def _optimizer(settings: TrainingSettings) -> keras.optimizers.Optimizer:
    rate: Any = settings.learning_rate
    if settings.halving_steps:
        rate = keras.optimizers.schedules.InverseTimeDecay(rate, settings.halving_steps, 1.0)
    if settings.averaging is None:
        return keras.optimizers.Adam(rate)
    return keras.optimizers.Adam(rate, use_ema=True, ema_momentum=settings.averaging)


@contextlib.contextmanager
def _state_folder(
    folder: str | os.PathLike[str] | None, validation_fraction: float
) -> Iterator[Path | None]:
    """Yield the folder, one for the time of the training to choose the best weights, or none."""
    if folder is not None or validation_fraction == 0:
        yield None if folder is None else Path(folder)
        return
    with tempfile.TemporaryDirectory() as temporary:
        yield Path(temporary)


def _planes(images: Any, axes: str | None) -> list[Image]:
    """Return all planes that show something, read once, each as an image of its own."""
    return [Image(plane, "YXC", Path(name)) for name, plane in named_planes(images, axes)]


def _adapt(model: VariationalDenoiser, training: tf.data.Dataset, planes: list[Image]) -> None:
    """Measure what the networks are to see, and say in which images there are hot pixels."""
    with warnings.catch_warnings():
        # what is said of patches knows no names
        warnings.simplefilter("ignore", OutlierWarning)
        model.adapt(training)
    found = {
        plane.name: hot
        for plane in planes
        if (hot := outliers(plane.array, model.bounds)) is not None
    }
    warn_of_training(found, len(planes), model.bounds)


def _is_strong(asked: bool | None, planes: list[Image], noise_model: NoiseModel) -> bool:
    """Return what was asked for, or what images and noise model say, and say it."""
    if asked is not None:
        return asked
    share = noise_share([plane.array for plane in planes], noise_model)
    if share >= STRONG_NOISE:
        _logger.info(
            "%.0f %% of the pixels' variance is noise: the training begins as strong noise needs "
            "it (--ordinary-noise, strong_noise=False: not so).",
            100 * share,
        )
    return share >= STRONG_NOISE


def _by_epoch(result: Any) -> list[dict[str, float]]:
    columns = result.history
    return [
        {"epoch": epoch, **{name: float(values[place]) for name, values in columns.items()}}
        for place, epoch in enumerate(result.epoch)
    ]


def _check_patch_size(patch_size: int, multiple: int) -> None:
    if patch_size % multiple:
        raise InputError(
            f"The side of a patch must be a multiple of {multiple} pixels for this network.",
            f"{patch_size} pixels",
            f"Give {max(1, patch_size // multiple) * multiple}, for instance.",
        )


def _check_learned(history: list[dict[str, float]]) -> None:
    if not any(math.isfinite(epoch.get("loss", math.nan)) for epoch in history):
        raise InputError(
            "The training found no finite loss.",
            f"{len(history)} epochs",
            "Try the precision float32 or a smaller learning rate, and look at the noise model "
            "with 'divnoising noise-model report'.",
        )
