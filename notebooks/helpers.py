"""What the notebooks share: the budget of time, a trained model, figures in one row."""

import logging
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

import divnoising_tf as dn
from divnoising_tf.models.divnoising.settings import DivNoisingSettings
from divnoising_tf.models.precision import chosen_precision
from divnoising_tf.progress import show_progress
from divnoising_tf.training.settings import TrainingSettings

# after divnoising_tf, which decides how TensorFlow computes
import keras  # isort: skip

_ROOT = Path(__file__).parents[1]
# the drawn cells and the printed pages of the experiments
sys.path.insert(0, str(_ROOT))
# progress bars are widgets, which a saved notebook does not keep
show_progress(False)
# it tells where it put its temporary files
logging.getLogger("tensorflow").setLevel(logging.WARNING)

MINUTES = float(os.environ.get("DIVNOISING_MINUTES", "3"))
"""How long each training takes on two cores that do nothing else; more is better."""

EPOCHS = max(1, round(25 * MINUTES))
"""Of 50 steps: a number of epochs gives the same result on a slow machine, a time does not."""

RESULTS = Path(os.environ.get("DIVNOISING_RESULTS", Path(__file__).parent / "results"))
"""Folder of what the notebooks write, and later ones read."""

RESULTS.mkdir(parents=True, exist_ok=True)
PACKAGES = _ROOT / "model_zoo"
"""Folder of the published models, NAME/package.zip."""


def trained(
    noise: dn.NoiseModel, noisy: Any, upright: bool = False, **architecture: Any
) -> dn.DivNoising:
    """Return a model that was trained as that of notebook 3.

    Args:
        noise: of the camera.
        noisy: noisy images, counts, (y, x) or (n, y, x).
        upright: whether images must not be turned, as text.
        **architecture: of `DivNoising`.
    """
    settings = TrainingSettings(
        patch_size=64,
        batch_size=8,
        steps_per_epoch=50,
        augment=not upright,
        validation_fraction=0.0,
        averaging=0.98,
        annealing_epochs=20,
        plateau=False,
        collapse_patience=8,
    )
    return dn.train(noisy, noise, DivNoisingSettings(**architecture), settings, epochs=EPOCHS).model


def new_model(noise: dn.NoiseModel, **architecture: Any) -> dn.DivNoising:
    """Return a model in the number format that is fast on this machine; the same each time."""
    keras.utils.set_random_seed(0)
    return dn.DivNoising(noise, dtype=chosen_precision(), **architecture)


def tissue_model() -> dn.DivNoising:
    """Return the model that notebook 3 left, or without it the published one."""
    file = RESULTS / "tissue.keras"
    if file.exists():
        return dn.load_model(file)
    return dn.zoo.load(PACKAGES / "tissue-demo" / "package.zip")


def real_images(task: str, **options: Any) -> Any:
    """Return real images of an experiment; None where DIVNOISING_DATA does not name their folder.

    Args:
        task: of `experiments.tasks`, such as "w2s".
        **options: of its loader.
    """
    if "DIVNOISING_DATA" not in os.environ:
        return None
    from experiments.tasks import load_task

    return load_task(task, options)


def side_by_side(images: Mapping[str, np.ndarray], size: float = 2.6) -> Any:
    """Show images in one row, all in the range of the last one, so that brightness compares.

    Args:
        images: (y, x) each, counts, by title.
        size: width of an image, inches.

    Returns:
        A matplotlib figure.
    """
    from matplotlib.figure import Figure

    last = list(images.values())[-1]
    low, high = np.percentile(last, (0.5, 99.5))
    height = size * last.shape[0] / last.shape[1] + 0.35
    figure = Figure(figsize=(size * len(images), height), layout="constrained")
    panels = figure.subplots(1, len(images), squeeze=False)[0]
    for axis, (title, image) in zip(panels, images.items(), strict=True):
        axis.imshow(image, cmap="gray", vmin=low, vmax=high, interpolation="nearest")
        axis.set_title(title, fontsize=9)
        axis.set_axis_off()
    return figure
