"""From a recipe to a package: fit the noise model, train, export."""

import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from divnoising_tf import zoo
from divnoising_tf.errors import InputError
from divnoising_tf.files.atomic import refuse_existing
from divnoising_tf.models.base import VariationalDenoiser
from divnoising_tf.models.latent_metrics import active_latent_channels
from divnoising_tf.training.time_limit import TimeLimit
from divnoising_tf.training.train import train
from model_zoo.builder.noise_model import fitted_noise_model
from model_zoo.builder.recipe import Recipe
from model_zoo.builder.sources import SourceImages, source_images

_logger = logging.getLogger(__name__)

_GENERATED = (
    "The test image and the cover show no real sample: they were drawn by the model itself, a "
    "sample from its prior exposed to its noise model. A PSNR on them says that the package works, "
    "not how well it denoises real images."
)
# enough to see a collapse, which is one of all images
_EXAMINED_IMAGES = 8


def build_package(
    recipe: Recipe,
    path: str | os.PathLike[str],
    minutes: float | None = None,
    overwrite: bool = False,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> Path:
    """Build the package of a recipe.

    The length of the training is a time, so two machines do not give the same weights.

    Args:
        recipe: see `read_recipe`.
        path: the zip file.
        minutes: of training; None for the recipe's.
        overwrite: whether an existing file may be replaced.
        callbacks: more Keras callbacks, such as one that shows the progress.

    Returns:
        The path of the zip file.

    Raises:
        InputError: the file exists, the recipe's images are not there or cannot be used, or the
            posterior of the trained model has collapsed. Nothing has been written then.
    """
    path = Path(path)
    refuse_existing(path, overwrite)
    limit = TimeLimit(recipe.training.minutes if minutes is None else minutes)
    seed = recipe.training.seed
    keras.utils.set_random_seed(seed)
    images = source_images(recipe.data, seed)

    _logger.info("Fitting the noise model (%s).", recipe.noise_model.method)
    noise_model, report = fitted_noise_model(recipe.noise_model, images, seed)
    _logger.info("%s: %s.", noise_model, report.verdict)

    _logger.info("Training for %g minutes on %d image(s).", limit.minutes, len(images.training))
    model = train(
        images.training,
        noise_model,
        recipe.network,
        recipe.training.settings,
        minutes=limit,
        seed=seed,
        callbacks=callbacks,
    ).model
    _refuse_collapsed(model, images.training, limit.minutes)

    steps = int(model.optimizer.iterations)
    described = _with_facts(recipe, images, limit.minutes, steps)
    test_image, truth = _test_pair(recipe, model, images)
    package = recipe.package
    return zoo.export(
        model,
        path,
        test_image,
        n_samples=package.n_samples,
        n_averaged=package.n_averaged,
        kind=package.kind,
        metadata=described,
        truth=truth,
        noise_report=report,
        overwrite=overwrite,
    )


def generated_pair(
    model: VariationalDenoiser, size: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Draw a noisy image and its truth from a model alone, without any data.

    Args:
        model: a trained model.
        size: side of the images, pixels.
        seed: same seed, same images.

    Returns:
        The noisy image and the sample from the prior that it shows, (y, x) each, counts.
    """
    truth = model.generate((size, size), seed=seed)[0]
    noisy = model.noise_model.sample(truth[np.newaxis, ..., np.newaxis], seed=seed)
    return np.asarray(noisy)[0, ..., 0], truth


def _refuse_collapsed(model: VariationalDenoiser, noisy: np.ndarray, minutes: float) -> None:
    """Refuse a model whose latents say nothing of the image: all its samples look alike."""
    if active_latent_channels(model, noisy[:_EXAMINED_IMAGES, ..., np.newaxis]):
        return
    channels = sum(grid.channels for grid in model.levels)
    raise InputError(
        "The posterior has collapsed: the model gives every image the same answer, and is not "
        "packaged.",
        f"0 of {channels} latent channels active after {minutes:g} minutes, {model.noise_model}",
        "Train longer (--minutes), give the recipe another training.seed or more "
        "annealing_epochs, and check that the noise model is in the image's counts: noise that is "
        "modelled too strong leaves nothing to learn.",
    )


def _test_pair(
    recipe: Recipe, model: VariationalDenoiser, images: SourceImages
) -> tuple[np.ndarray, np.ndarray]:
    size = recipe.package.test_size
    if recipe.package.test_image == "generated":
        return generated_pair(model, size, recipe.training.seed)
    return _centre(images.test_image, size), _centre(images.truth, size)


def _centre(image: np.ndarray, size: int) -> np.ndarray:
    rows, columns = (
        slice(max(0, length - size) // 2, max(0, length - size) // 2 + size)
        for length in image.shape
    )
    return image[rows, columns]


def _with_facts(recipe: Recipe, images: SourceImages, minutes: float, steps: int) -> dict[str, Any]:
    """Return the recipe's metadata, with what was done added to its texts."""
    training, metadata = recipe.training, recipe.metadata
    rebuilt = recipe.command
    if minutes != training.minutes:
        rebuilt += f" --minutes {minutes:g}"
    size = training.patch_size
    facts = [
        images.described,
        "",
        f"- The data is published: {recipe.data.published}",
        f"- {minutes:g} minutes of training, {steps} steps of {training.batch_size} patches of "
        f"{size} × {size} pixels, Adam with learning rate {training.learning_rate:g}",
        f"- Weights averaged with momentum {training.averaging:g}; KL divergence annealed over "
        f"{training.annealing_epochs} epochs of {training.steps_per_epoch} steps; seed "
        f"{training.seed}",
        f"- Noise model: {recipe.noise_model.kind}, from {recipe.noise_model.method}",
        f"- Built by `{rebuilt}`",
    ]
    texts = {"training": [metadata.get("training"), "\n".join(facts)]}
    if recipe.package.test_image == "generated":
        texts["validation"] = [metadata.get("validation"), _GENERATED]
    joined = {name: "\n\n".join(filter(None, parts)) for name, parts in texts.items()}
    return {**metadata, **joined}
