"""Trains one model and measures what its samples are worth: what sweeps are made of."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from divnoising_tf.metrics import psnr
from experiments.budget import trained
from experiments.image_sets import ImageSet
from experiments.sampling_scores import mean_of, sampling_scores
from experiments.seed_tables import training_words


def measured_variant(
    images: ImageSet, settings: Mapping[str, Any], minutes: float, seed: int
) -> dict[str, Any]:
    """Train on a set of images; return the scores of samples, means over the test images.

    Args:
        images: with their truth.
        settings: "network", "training"; "counts", numbers of samples, rising; "test_images",
            how many, and "test_size", the side of their middle that is used, pixels.
        minutes: of training.
        seed: of the training.
    """
    model, training = trained(
        images.training,
        images.noise_model,
        minutes,
        seed,
        settings["network"],
        settings["training"],
    )
    size = settings["test_size"]
    pairs = zip(images.noisy, images.clean, strict=True)
    rows = []
    for _, (noisy, clean) in zip(range(settings["test_images"]), pairs, strict=False):
        noisy, clean = middle(noisy, size), middle(clean, size)
        samples = model.posterior(noisy, seed=0).samples()
        row = sampling_scores(samples, clean, settings["counts"])
        rows.append({"PSNR of the noisy image": round(psnr(clean, noisy), 3), **row})
    mean = mean_of(rows)
    most = str(settings["counts"][-1])
    return {
        "training": training,
        "PSNR of the MMSE": mean["PSNR of the mean of n"][most],
        "samples": settings["counts"][-1],
        **mean,
        "images": rows,
    }


def scores_of_variant(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a table says of `measured_variant`."""
    keys = ("PSNR of the noisy image", "PSNR of the MMSE", "PSNR of a sample", "diversity")
    return {key: row[key] for key in (*keys, "deviation")} | training_words(row["training"])


def middle(image: np.ndarray, size: int) -> np.ndarray:
    """Return the middle of an image, at most size x size pixels."""
    top, left = (max(0, side - size) // 2 for side in image.shape)
    return image[top : top + size, left : left + size]
