"""The images of each source: what is trained on, and what the noise model is measured on."""

import os
from pathlib import Path
from typing import NamedTuple

import numpy as np

from divnoising_tf.demo import GLAND, Camera, tissue
from divnoising_tf.errors import InputError
from model_zoo.builder.recipe import DemoData, W2SData
from model_zoo.builder.w2s import SIGNAL_FIELDS, read_w2s

DATA_VARIABLE = "DIVNOISING_DATA"


class SourceImages(NamedTuple):
    """Images of a source, counts.

    Attributes:
        training: noisy images, (n, y, x).
        pairs: clean and noisy images for the noise model, each (m, y, x).
        repeats: shots of one static scene, (n, y, x), or None.
        test_image: one noisy image, (y, x).
        truth: its clean image, (y, x).
        described: what was trained on, one sentence.
    """

    training: np.ndarray
    pairs: tuple[np.ndarray, np.ndarray]
    repeats: np.ndarray | None
    test_image: np.ndarray
    truth: np.ndarray
    described: str


def source_images(data: DemoData | W2SData, seed: int) -> SourceImages:
    """Read or simulate the images of a recipe.

    Args:
        data: the recipe's section.
        seed: of simulated noise.

    Returns:
        The images.

    Raises:
        InputError: the folder of real images is not there, or lacks the fields asked for.
    """
    if isinstance(data, DemoData):
        return _demo_images(data, seed)
    return _w2s_images(data)


def data_folder() -> Path:
    """Return the folder of real images that DIVNOISING_DATA names.

    Raises:
        InputError: it names none.
    """
    name = os.environ.get(DATA_VARIABLE, "")
    if not name or not Path(name).is_dir():
        raise InputError(
            "The folder of real images is not known.",
            f"{DATA_VARIABLE}={name!r}" if name else f"{DATA_VARIABLE} is not set",
            f"Get the images, see 'published' in the recipe, and set {DATA_VARIABLE} to the folder "
            "that holds them.",
        )
    return Path(name)


def _demo_images(data: DemoData, seed: int) -> SourceImages:
    rng = np.random.default_rng(seed)
    camera, brightness = Camera(), tissue()
    noisy = camera.expose(brightness, rng)
    shots = np.stack([camera.expose(brightness, rng) for _ in range(data.exposures)])
    truth = camera.signal(brightness)
    return SourceImages(
        training=noisy[np.newaxis],
        pairs=(truth[np.newaxis], shots),
        repeats=shots,
        test_image=noisy[GLAND],
        truth=truth[GLAND],
        described="One simulated noisy exposure, 512 × 512 pixels, of a stained tissue section "
        f"(Poisson and read noise: {camera.offset:g} counts offset, {camera.gain:g} counts per "
        f"electron, {camera.read_noise:g} counts read noise).",
    )


def _w2s_images(data: W2SData) -> SourceImages:
    images = read_w2s(data_folder() / data.folder, data.units)
    available = {"training": len(images.noisy), "noise model": SIGNAL_FIELDS}
    for what, fields in (
        ("training", data.training_fields),
        ("noise model", data.noise_model_fields),
    ):
        if fields.last > available[what]:
            raise InputError(
                f"There are fewer fields of view for the {what}.",
                f"{fields.first} to {fields.last}",
                f"Give fields from 1 to {available[what]}.",
            )
    training, measured = data.training_fields, data.noise_model_fields
    return SourceImages(
        training=images.noisy[training.places],
        pairs=(images.signal[measured.places], images.noisy[measured.places]),
        repeats=None,
        test_image=images.noisy[0],
        truth=images.signal[0],
        described=f"Single shots (avg1) of W2S, channel {data.channel}, fields of view "
        f"{training.first} to {training.last}, 8-bit images in {data.units}; the noise model is "
        f"of fields {measured.first} to {measured.last}.",
    )
