"""Images from the prior p(z): what a model believes clean images are (supplement, Figs. 3-5).

A model that another experiment has trained alike is taken, see `kept_or_trained`. Images of every
size are drawn: the networks are convolutional. Generated images show no image of the data, and may
be committed.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from divnoising_tf.plotting import save_figure
from experiments import kept
from experiments.divnoising import model_of_settings
from experiments.seed_tables import seed_table, training_words

_DEFAULTS: dict[str, Any] = {"name": "generation", "number": 4, "sets": {}}
# of a set
_SET_DEFAULTS: dict[str, Any] = {
    "options": {},  # of the task
    "minutes": None,  # those of the recipe
    "sizes": [[128, 128]],
    "network": {},
    "training": {},
}


def run(settings: Mapping[str, Any], minutes: float, seed: int) -> dict[str, Any]:
    """Draw images of every size for every set.

    Args:
        settings: "name"; "number" of images of each size; "sets": title to what differs from
            `_SET_DEFAULTS`, and "task", see `load_task`.
        minutes: of each training.
        seed: of trainings and images.
    """
    settings = {**_DEFAULTS, **settings}
    rows, arrays = [], {}
    for title, chosen in settings["sets"].items():
        one = {**_SET_DEFAULTS, **chosen}
        _, model, facts = model_of_settings(
            one["task"],
            one["options"],
            one,
            one["minutes"] or minutes,
            seed,
            settings.get("models"),
        )
        images = [model.generate(tuple(size), settings["number"], seed) for size in one["sizes"]]
        arrays |= {f"{title} {number}": some for number, some in enumerate(images)}
        row = {
            "images": title,
            "sizes": one["sizes"],
            "latent channels": model.latent_channels,
            "training": facts,
            "mean of the generated, counts": [round(float(some.mean()), 2) for some in images],
            "mean of the data, counts": round(float(model.data_mean[0]), 2),
            "standard deviation of the generated, counts": [
                round(float(some.std()), 2) for some in images
            ],
        }
        rows.append(row)
        print(row, flush=True)
    kept.keep_arrays(f"{settings['name']}-{seed}", **arrays)
    return {"name": settings["name"], "seed": seed, "rows": rows}


def draw(results: list[dict[str, Any]], folder: Path) -> list[Path]:
    """Draw a figure for each set: a row of images for each size."""
    first = results[0]
    arrays = kept.kept_arrays(f"{first['name']}-{first['seed']}")
    if arrays is None:
        return []
    paths = []
    for row in first["rows"]:
        title = row["images"]
        images = [arrays[f"{title} {number}"] for number in range(len(row["sizes"]))]
        word = title.lower().replace(" ", "_").replace(".", "")
        paths.append(folder / f"{first['name']}_{word}.png")
        save_figure(_figure(images), paths[-1], overwrite=True)
    return paths


def table(name: str, _recipe: Any, records: list[dict[str, Any]]) -> str:
    """Return brightness of data and generated images, and the trainings, as Markdown."""
    return seed_table(name, records, _table_rows)


def _figure(images: list[np.ndarray]) -> Figure:
    """Return rows of images, one row for each size, as wide as they are."""
    low, high = np.percentile(np.concatenate([some.ravel() for some in images]), (0.5, 99.5))
    shapes = [some.shape[1:] for some in images]
    width = 2.2 * images[0].shape[0]
    heights = [width / some.shape[0] * y / x for some, (y, x) in zip(images, shapes, strict=True)]
    figure = Figure(figsize=(width, sum(heights) + 0.35 * len(images)), layout="constrained")
    rows = figure.subfigures(len(images), 1, height_ratios=heights, squeeze=False)[:, 0]
    for row, some, (height, wide) in zip(rows, images, shapes, strict=True):
        row.suptitle(f"{height} × {wide} pixels", fontsize=8)
        for axis, image in zip(row.subplots(1, len(some), squeeze=False)[0], some, strict=True):
            axis.imshow(image, cmap="gray", vmin=low, vmax=high, interpolation="nearest")
            axis.set_axis_off()
    return figure


def _table_rows(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    rows = []
    for row in result["rows"]:
        means = {key: row[key] for key in row if "counts" in key}
        # of the first size
        means = {key: one[0] if isinstance(one, list) else one for key, one in means.items()}
        rows.append({"images": row["images"], **means, **training_words(row["training"])})
    return rows
