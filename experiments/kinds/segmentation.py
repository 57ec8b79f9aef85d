"""MDCK membranes: scores of segmentation against the number of samples (Fig. 4 of the paper).

Images 1-7 with Gaussian noise of 70 counts train a model of depth 3 with KL annealing, that of
Table 1; images 8-10 test it. Cells are about 130 pixels wide, those of the paper's Flywing some 30:
images are averaged over 4 x 4 pixels before they are segmented with the paper's radius of 15
pixels, whatever the image is: noisy, clean, MMSE or a sample.

The true cells are the areas between the membranes of the data set's mask; a block of 4 x 4 is
membrane where one of its pixels is. The mask was made by a U-Net and some outlines have gaps, so
the scores of the clean images are a ceiling well below 1.
"""

from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from skimage.measure import label

from divnoising_tf.applications import (
    Segmentation,
    average_precision,
    consensus_average,
    consensus_bic,
    jaccard,
    match_cells,
    mean_average_precision,
    seg,
    segmentation_figure,
)
from divnoising_tf.metrics import psnr
from divnoising_tf.plotting import save_figure
from experiments import kept
from experiments.divnoising import model_of_settings
from experiments.figures.segmentation import scores_figure, thresholds_figure
from experiments.sampling_scores import mean_of
from experiments.seed_tables import seed_table, training_words
from experiments.tasks.mdck import membranes_of_test

THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9)  # intersection over union
_DEFAULTS: dict[str, Any] = {
    "name": "mdck_segmentation",
    "sigma": 70.0,
    "counts": [1, 3, 5, 10, 20, 30, 50, 100],
    "binning": 4,
    # chosen on the clean training images: the highest F1 of offsets 2 to 12
    "cells": {"bright": "membranes", "radius": 15, "offset": 6.0, "smallest_cell": 100},
    "network": {},
    "training": {},
}


def run(settings: Mapping[str, Any], minutes: float, seed: int) -> dict[str, Any]:
    """Train, and score all ways to segment the test images.

    Args:
        settings: what differs from `_DEFAULTS`.
        minutes: of training.
        seed: of the training.
    """
    settings = {**_DEFAULTS, **settings}
    options = {"sigma": settings["sigma"]}
    task, model, facts = model_of_settings(
        "mdck", options, settings, minutes, seed, settings.get("models")
    )
    rows = []
    images = zip(task.test, task.test_signal, membranes_of_test(), strict=True)
    for number, (noisy, clean, membranes) in enumerate(images):
        blocks = _blocks(membranes, settings["binning"])
        truth = true_cells(blocks.any((-3, -1)), settings["cells"]["smallest_cell"])
        samples = model.posterior(noisy, seed=0).samples()
        row, arrays = scores_of_image(samples, noisy, clean, truth, settings)
        rows.append(row)
        print(f"test image {number + 1}: {row['PSNR of the MMSE, dB']} dB", flush=True)
        if number == 0:
            kept.keep_arrays(f"{settings['name']}-{seed}", **arrays)
    return {
        "name": settings["name"],
        "seed": seed,
        "segmentation": {**settings["cells"], "binning": settings["binning"]},
        "training": facts,
        "images": rows,
        "mean": mean_of(rows),
    }


def draw(results: list[dict[str, Any]], folder: Path) -> list[Path]:
    """Draw the scores; and the cells of a test image, outside the repository, where they are."""
    name = results[0]["name"]
    means = [one["mean"] for one in results]
    figures = {
        folder / f"{name}.png": scores_figure(means),
        folder / f"{name}_thresholds.png": thresholds_figure(means),
    }
    arrays = kept.kept_arrays(f"{name}-{results[0]['seed']}")
    if arrays is not None:
        cells = segmentation_figure(
            arrays["mmse"],
            list(arrays["samples"]),
            list(arrays["segmentations"]),
            {"Consensus (Avg)": arrays["average"], "Consensus (BIC)": arrays["bic"]},
            arrays["truth"],
        )
        figures[kept.PICTURES / f"{name}_cells.png"] = cells
    for path, figure in figures.items():
        save_figure(figure, path, overwrite=True)
    return list(figures)


def table(name: str, _recipe: Any, records: list[dict[str, Any]]) -> str:
    """Return the scores of all ways to segment as Markdown."""
    return seed_table(name, records, _table_rows, _facts)


def scores_of_image(
    samples: Any,
    noisy: np.ndarray,
    clean: np.ndarray,
    truth: np.ndarray,
    settings: Mapping[str, Any],
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return the scores of all ways to segment one image, and what its picture shows.

    Args:
        samples: iterable of posterior samples (y, x), counts.
        noisy: (y, x), counts.
        clean: (y, x), counts.
        truth: the true cells as labels, binned.
        settings: counts, binning and cells.
    """
    counts, binning, cells = settings["counts"], settings["binning"], settings["cells"]
    segmentation = Segmentation(**cells)
    total = np.zeros(clean.shape, np.float64)
    small, means, single = [], {}, []
    for n, sample in enumerate(islice(samples, counts[-1]), 1):
        total += sample
        small.append(binned(sample, binning))
        single.append(psnr(clean, sample))
        if n in counts:
            means[str(n)] = segmentation(binned(total / n, binning))
    labels = [segmentation(sample) for sample in small]
    averages = {str(k): consensus_average(small[:k], **cells) for k in counts}
    fusions = {str(k): consensus_bic(labels[:k]) for k in counts}
    mmse, most = total / counts[-1], str(counts[-1])
    row = {
        "PSNR of the MMSE, dB": round(psnr(clean, mmse), 2),
        "PSNR of a sample, dB": round(float(np.mean(single)), 2),
        "noisy": scores(truth, segmentation(binned(noisy, binning))),
        "clean": scores(truth, segmentation(binned(clean, binning))),
        "MMSE": scores(truth, means[most]),
        "single samples": mean_of([scores(truth, one) for one in labels]),
        "MMSE of n": {k: scores(truth, one) for k, one in means.items()},
        "Consensus (Avg)": {k: scores(truth, one) for k, one in averages.items()},
        "Consensus (BIC)": {k: scores(truth, one) for k, one in fusions.items()},
    }
    arrays = {
        "mmse": binned(mmse, binning),
        "samples": np.stack(small).astype(np.float32),
        "segmentations": np.stack(labels),
        "average": averages[most],
        "bic": fusions[most],
        "truth": truth,
    }
    return row, arrays


def scores(truth: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    """Return F1 at an IoU of 0.5, Average Precision at thresholds and its mean, Jaccard, SEG."""
    matching = match_cells(truth, labels, 0.5)
    return {
        "F1": round(matching.f1, 4),
        "Average Precision": round(matching.average_precision, 4),
        "mean Average Precision": round(mean_average_precision(truth, labels), 4),
        "Jaccard": round(jaccard(truth, labels), 4),
        "SEG": round(seg(truth, labels), 4),
        "cells": int(labels.max()),
        "Average Precision at IoU": {
            str(iou): round(average_precision(truth, labels, iou), 4) for iou in THRESHOLDS
        },
    }


def true_cells(membranes: np.ndarray, smallest: int) -> np.ndarray:
    """Return the areas between membranes as labels, without those too small for a cell."""
    labels = label(~membranes, connectivity=1)
    small = np.bincount(labels.ravel()) < smallest
    return np.where(small[labels], 0, labels)


def binned(image: np.ndarray, binning: int) -> np.ndarray:
    """Return the means of blocks of an image (y, x)."""
    return _blocks(image, binning).mean((-3, -1))


def _blocks(image: np.ndarray, binning: int) -> np.ndarray:
    """Return the whole blocks of an image, (y, y in a block, x, x in a block)."""
    height, width = (side // binning for side in image.shape)
    whole = image[: height * binning, : width * binning]
    return whole.reshape(height, binning, width, binning)


def _table_rows(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return means over the images; of what depends on the number of samples, at their most."""
    rows = []
    for way, scores in result["mean"].items():
        # the mean of the most samples is the MMSE
        if not isinstance(scores, dict) or way == "MMSE of n":
            continue
        most = scores if "F1" in scores else list(scores.values())[-1]
        number = "" if most is scores else f", {list(scores)[-1]} samples"
        measures = {key: most[key] for key in most if not isinstance(most[key], dict)}
        rows.append({"cells of": way + number, **measures})
    return rows


def _facts(result: Mapping[str, Any]) -> dict[str, Any]:
    of_model = {key: value for key, value in result["mean"].items() if "PSNR" in key}
    return {**training_words(result["training"]), **of_model}
