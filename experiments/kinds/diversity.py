"""How different the samples are under noise of different strength (supplement 6).

One training for each σ of the noise. Diversity is the standard deviation of the PSNRs of samples;
their deviation is in counts, root mean square over the pixels.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from divnoising_tf.plotting import save_figure
from experiments.charts import seed_curve
from experiments.image_sets import read_set
from experiments.seed_tables import seed_table
from experiments.variants import measured_variant, scores_of_variant

_DEFAULTS: dict[str, Any] = {
    "name": "diversity",
    "images": "mdck",
    "sigmas": [30, 50, 70],
    "counts": [1, 10, 100],
    "test_images": 3,
    "test_size": 256,
    "network": {"depth": 3},
    "training": {},
}


def run(settings: Mapping[str, Any], minutes: float, seed: int) -> dict[str, Any]:
    """Train a model for each σ, and measure its samples.

    Args:
        settings: what differs from `_DEFAULTS`.
        minutes: of each training.
        seed: of the trainings.
    """
    settings = {**_DEFAULTS, **settings}
    rows = []
    for sigma in settings["sigmas"]:
        row = measured_variant(read_set(settings["images"], sigma), settings, minutes, seed)
        rows.append({"sigma": sigma, **row})
        print(f"σ = {sigma:g}: diversity {row['diversity']} dB", flush=True)
    return {
        "name": settings["name"],
        "seed": seed,
        "images": settings["images"],
        "minutes of each training": minutes,
        "rows": rows,
    }


def draw(results: list[dict[str, Any]], folder: Path) -> list[Path]:
    """Draw PSNR, diversity and deviation of samples against σ."""
    path = folder / f"{results[0]['name']}.png"
    sigmas = [row["sigma"] for row in results[0]["rows"]]
    most = results[0]["rows"][0]["samples"]
    figure = Figure(figsize=(10.5, 3.3), layout="constrained")
    axes = figure.subplots(1, 3)
    panels = (
        (axes[0], "PSNR of the MMSE", f"mean of {most} samples", "C0"),
        (axes[0], "PSNR of a sample", "one sample", "C1"),
        (axes[0], "PSNR of the noisy image", "noisy", "C7"),
        (axes[1], "diversity", "", "C2"),
        (axes[2], "deviation", "", "C3"),
    )
    for axis, measure, label, colour in panels:
        runs = [[row[measure] for row in one["rows"]] for one in results]
        seed_curve(axis, sigmas, runs, label, colour)
    axes[0].legend(fontsize=8)
    labels = (
        "PSNR, dB",
        "diversity: standard deviation\nof the samples' PSNRs, dB",
        "standard deviation of the samples\nin a pixel, counts",
    )
    for axis, label in zip(axes, labels, strict=True):
        axis.set_ylabel(label)
        axis.set_xlabel("σ of the noise, counts")
        axis.set_xticks(sigmas)
    save_figure(figure, path, overwrite=True)
    return [path]


def table(name: str, _recipe: Any, records: list[dict[str, Any]]) -> str:
    """Return PSNR and diversity as Markdown."""
    return seed_table(name, records, _table_rows)


def _table_rows(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"σ": f"{row['sigma']:g}", **scores_of_variant(row)} for row in result["rows"]]
