"""A recipe so small that a test can build it, and a folder that looks like W2S."""

import copy
import csv

import numpy as np
import yaml
from helpers.images import noisy_images, smooth_images

TINY = {
    "command": "python -m model_zoo build tiny",
    "data": {
        "source": "w2s",
        "published": "github.com/IVRL/w2s",
        "folder": "w2s",
        "channel": 0,
        "units": "counts",
        "training_fields": {"first": 1, "last": 80},
        "noise_model_fields": {"first": 1, "last": 20},
    },
    "noise_model": {
        "kind": "gaussian-mixture",
        "method": "pairs",
        "gaussians": 1,
        "coefficients": 2,
    },
    "network": {"depth": 1, "latent_channels": 6, "base_channels": 8},
    "training": {
        "minutes": 0.001,
        "patch_size": 16,
        "batch_size": 4,
        "steps_per_epoch": 5,
        "learning_rate": 0.001,
        "averaging": 0.9,
        "annealing_epochs": 2,
        "seed": 0,
    },
    "package": {
        "kind": "full",
        "n_samples": 2,
        "n_averaged": 4,
        "test_image": "generated",
        "test_size": 24,
    },
    "metadata": {
        "name": "DivNoising tiny",
        "description": "Tests the builder.",
        "authors": ["Ada Lovelace"],
        "license": "CC0-1.0",
        "training": "On blobs.",
    },
}
DEMO = {"source": "demo", "published": "scikit-image.org", "exposures": 2}


def changed(**sections):
    """Return the tiny recipe with keys of its sections replaced."""
    recipe = copy.deepcopy(TINY)
    for section, values in sections.items():
        recipe[section] |= values
    return recipe


def write_recipe(folder, recipe):
    """Write FOLDER/recipe.yaml; return the folder."""
    folder.mkdir(exist_ok=True)
    (folder / "recipe.yaml").write_text(yaml.safe_dump(recipe), encoding="utf-8")
    return folder


def write_w2s(folder):
    """Write a folder of blobs that is laid out as W2S; return the noisy images."""
    folder.mkdir()
    noisy, clean = noisy_images(120).round().clip(0, 255), smooth_images(120)
    np.savez(folder / "noisy_avg1_fov001-120.npz", images=noisy.astype(np.uint8))
    for name, fields in (("001-020", slice(0, 20)), ("081-120", slice(80, 120))):
        np.savez(folder / f"gt_avg400_fov{name}.npz", images=(clean[fields] / 2).astype(np.uint8))
    with (folder / "calibration.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["fov", "b", "c", "alpha", "beta"])
        writer.writerows([field, 2.0, 0.5, 4.0, 8.0] for field in range(1, 121))
    return noisy
