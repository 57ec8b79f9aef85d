"""MDCK membranes: scores of segmentation against the number of samples (Fig. 4 of the paper).

    python -m experiments.mdck_segmentation --minutes 30
    python -m experiments.mdck_segmentation_plot

Images 1-7 with Gaussian noise of 70 counts train a model of depth 3 with KL annealing; images 8-10
test it. Counts: 400..2400 of the camera become 0..255. Cells are about 130 pixels wide, those of
the paper's Flywing some 30: images are averaged over 4 x 4 pixels before they are segmented with
the paper's radius of 15 pixels, whatever the image is: noisy, clean, MMSE or a sample.

The true cells are the areas between the membranes of the data set's mask; a block of 4 x 4 is
membrane where one of its pixels is. The mask was made by a U-Net and some outlines have gaps, so
the scores of the clean images are a ceiling well below 1.
"""

import argparse
import sys
from typing import Any

import keras
import numpy as np
from skimage.measure import label

import divnoising_tf as dn
from divnoising_tf.applications import (
    Segmentation,
    consensus_average,
    consensus_bic,
    jaccard,
    match_cells,
    mean_average_precision,
    seg,
)
from divnoising_tf.metrics import psnr
from divnoising_tf.precision import PRECISIONS, chosen_precision
from experiments.common import AveragedWeights, TrainingClock, data_folder, machine, write_results

NOISE = 70.0  # counts
TRAINING, TEST = range(7), range(7, 10)
COUNTS = (1, 3, 5, 10, 20, 30, 50, 100)
BINNING = 4  # pixels
# chosen on the clean training images: the highest F1 of offsets 2 to 12
SETTINGS = {"bright": "membranes", "radius": 15, "offset": 6.0, "smallest_cell": 100}
PATCH_SIZE, BATCH_SIZE, STEPS_PER_EPOCH, ANNEALING_EPOCHS = 128, 4, 50, 20


def main() -> None:
    """Run the experiment."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=30, help="of training")
    parser.add_argument("--samples", type=int, default=100, help="most samples of an image")
    parser.add_argument(
        "--crop", type=int, help="side of the corner used, pixels, to try the script"
    )
    parser.add_argument("--base-channels", type=int, default=32)
    parser.add_argument("--precision", choices=PRECISIONS, default="auto")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--name", default="mdck_segmentation", help="of the results")
    arguments = parser.parse_args()
    keras.utils.set_random_seed(arguments.seed)
    clean, truth = read_images(arguments.crop)
    noisy = clean + np.random.default_rng(arguments.seed).normal(0, NOISE, clean.shape)
    noisy = noisy.astype(np.float32)
    precision = chosen_precision(arguments.precision)
    results: dict[str, Any] = {
        "command": " ".join(["python -m experiments.mdck_segmentation", *sys.argv[1:]]),
        "precision": precision,
        "batch": f"{BATCH_SIZE} patches of {PATCH_SIZE} x {PATCH_SIZE}",
        "segmentation": {**SETTINGS, "binning": BINNING},
        "machine": machine(),
    }
    model = dn.DivNoising(
        dn.GaussianNoiseModel(NOISE),
        depth=3,
        base_channels=arguments.base_channels,
        dtype=precision,
    )

    def measure(row: dict[str, Any]) -> None:
        results["training"] = dict(row)
        with AveragedWeights(model):
            results["images"] = [
                scores_of_image(model, noisy[k], clean[k], truth[k], arguments.samples)
                for k in TEST
            ]
        results["mean"] = mean_scores(results["images"])
        write_results(arguments.name, results)

    train(model, noisy[list(TRAINING)], TrainingClock([arguments.minutes], measure), arguments.seed)


def read_images(crop: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Return the clean images (10, y, x), counts, and the true cells as labels, binned."""
    with np.load(data_folder() / "mdck_zo1" / "mdck_zo1_wt.npz") as file:
        images, membranes = file["images"], file["membrane"]
    # whole blocks, and whole places of the latent space
    height, width = (min(side, crop or side) // 8 * 8 for side in images.shape[1:])
    clean = (np.clip(images[:, :height, :width], 400, 2400) - 400.0) / 2000 * 255
    blocks = membranes[:, :height, :width].reshape(
        -1, height // BINNING, BINNING, width // BINNING, BINNING
    )
    masks = blocks.max((2, 4)) > 0
    return clean.astype(np.float32), np.stack([true_cells(mask) for mask in masks])


def true_cells(membranes: np.ndarray) -> np.ndarray:
    """Return the areas between membranes as labels, without those too small for a cell."""
    labels = label(~membranes, connectivity=1)
    small = np.bincount(labels.ravel()) < SETTINGS["smallest_cell"]
    return np.where(small[labels], 0, labels)


def binned(image: np.ndarray) -> np.ndarray:
    """Return the means of blocks of an image (y, x)."""
    height, width = image.shape
    blocks = image.reshape(height // BINNING, BINNING, width // BINNING, BINNING)
    return blocks.mean((1, 3))


def train(model: dn.DivNoising, noisy: np.ndarray, clock: TrainingClock, seed: int) -> None:
    """Train until the clock stops it."""
    model.compile(optimizer=keras.optimizers.Adam(1e-3, use_ema=True, ema_momentum=0.998))
    patches, _ = dn.data.patches(
        noisy,
        PATCH_SIZE,
        BATCH_SIZE,
        validation_fraction=0.0,
        seed=seed,
        steps_per_epoch=STEPS_PER_EPOCH,
    )
    callbacks = [dn.KLAnnealing(epochs=ANNEALING_EPOCHS), clock]
    model.fit(patches, epochs=100_000, callbacks=callbacks, verbose=0)


def scores_of_image(
    model: dn.DivNoising, noisy: np.ndarray, clean: np.ndarray, truth: np.ndarray, n: int
) -> dict[str, Any]:
    """Return the scores of all ways to segment one image."""
    segmentation = Segmentation(**SETTINGS)
    total = np.zeros(clean.shape, np.float64)
    small, means, counts = [], {}, [count for count in COUNTS if count <= n]
    for number, sample in enumerate(model.posterior(noisy, seed=0).samples(), 1):
        total += sample
        small.append(binned(sample))
        if number in counts:
            means[number] = total / number
        if number == n:
            break
    labels = [segmentation(sample) for sample in small]
    mmse = total / n
    return {
        "PSNR of the MMSE, dB": round(psnr(clean, mmse), 2),
        "PSNR of a sample, dB": round(psnr(clean, means[1]), 2),
        "noisy": scores(truth, segmentation(binned(noisy))),
        "clean": scores(truth, segmentation(binned(clean))),
        "MMSE": scores(truth, segmentation(binned(mmse))),
        "single samples": mean_scores([scores(truth, one) for one in labels]),
        "MMSE of n": {
            str(k): scores(truth, segmentation(binned(mean))) for k, mean in means.items()
        },
        "Consensus (Avg)": {
            str(k): scores(truth, consensus_average(small[:k], **SETTINGS)) for k in counts
        },
        "Consensus (BIC)": {str(k): scores(truth, consensus_bic(labels[:k])) for k in counts},
    }


def scores(truth: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Return F1 and Average Precision at an IoU of 0.5, their mean over IoUs, Jaccard, SEG."""
    matching = match_cells(truth, labels, 0.5)
    return {
        "F1": round(matching.f1, 4),
        "Average Precision": round(matching.average_precision, 4),
        "mean Average Precision": round(mean_average_precision(truth, labels), 4),
        "Jaccard": round(jaccard(truth, labels), 4),
        "SEG": round(seg(truth, labels), 4),
        "cells": int(labels.max()),
    }


def mean_scores(rows: list[Any]) -> Any:
    """Return the mean of numbers, or of whatever dictionaries of one form hold."""
    if isinstance(rows[0], dict):
        return {key: mean_scores([row[key] for row in rows]) for key in rows[0]}
    return round(float(np.mean(rows)), 4)


if __name__ == "__main__":
    main()
