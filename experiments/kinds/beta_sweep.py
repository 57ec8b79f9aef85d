"""β, the weight of the KL divergence, against PSNR and diversity (supplement, Figs. 6 and 7).

One training for each β. Diversity is the standard deviation of the PSNRs of samples. How the PSNR
of the mean grows with the number of samples comes from one pass over them.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from divnoising_tf.plotting import save_figure
from experiments.charts import number_axis, seed_curve
from experiments.image_sets import read_set
from experiments.seed_tables import seed_table
from experiments.variants import measured_variant, scores_of_variant

_DEFAULTS: dict[str, Any] = {
    "name": "beta_sweep",
    "images": "mdck",
    "sigma": None,  # that of the protocol
    "betas": [0.1, 0.5, 1, 2, 5],
    "counts": [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
    "test_images": 3,
    "test_size": 256,
    "network": {"depth": 3},
    "training": {},
}


def run(settings: Mapping[str, Any], minutes: float, seed: int) -> dict[str, Any]:
    """Train a model for each β, and measure its samples.

    Args:
        settings: what differs from `_DEFAULTS`.
        minutes: of each training.
        seed: of the trainings.
    """
    settings = {**_DEFAULTS, **settings}
    images = read_set(settings["images"], settings["sigma"])
    rows = []
    for beta in settings["betas"]:
        network = {**settings["network"], "beta": beta}
        row = measured_variant(images, {**settings, "network": network}, minutes, seed)
        rows.append({"beta": beta, **row})
        print(f"β = {beta:g}: {row['PSNR of the MMSE']} dB", flush=True)
    return {
        "name": settings["name"],
        "seed": seed,
        "images": settings["images"],
        "minutes of each training": minutes,
        "rows": rows,
    }


def draw(results: list[dict[str, Any]], folder: Path) -> list[Path]:
    """Draw PSNR and diversity against β, and PSNR against the number of samples."""
    name = results[0]["name"]
    runs = [one["rows"] for one in results]
    figures = {
        folder / f"{name}.png": _against_beta(runs),
        folder / f"{name}_samples.png": _against_number(runs),
    }
    for path, figure in figures.items():
        save_figure(figure, path, overwrite=True)
    return list(figures)


def table(name: str, _recipe: Any, records: list[dict[str, Any]]) -> str:
    """Return PSNR and diversity as Markdown."""
    return seed_table(name, records, _table_rows)


def _against_beta(runs: Sequence[Sequence[Mapping[str, Any]]]) -> Figure:
    figure = Figure(figsize=(8, 3.3), layout="constrained")
    left, right = figure.subplots(1, 2)
    betas = [row["beta"] for row in runs[0]]
    for measure, label, colour in (
        ("PSNR of the MMSE", f"mean of {runs[0][0]['samples']} samples", "C0"),
        ("PSNR of a sample", "one sample", "C1"),
    ):
        seed_curve(left, betas, [[row[measure] for row in rows] for rows in runs], label, colour)
    left.set_ylabel("PSNR, dB")
    left.legend(fontsize=8)
    seed_curve(right, betas, [[row["diversity"] for row in rows] for rows in runs], "", "C2")
    right.set_ylabel("diversity: standard deviation\nof the samples' PSNRs, dB")
    for axis in (left, right):
        number_axis(axis, betas, "β")
    return figure


def _against_number(runs: Sequence[Sequence[Mapping[str, Any]]]) -> Figure:
    figure = Figure(figsize=(5.5, 3.8), layout="constrained")
    axis = figure.add_subplot()
    key = "PSNR of the mean of n"
    counts = [int(count) for count in runs[0][0][key]]
    for number, row in enumerate(runs[0]):
        values = [list(rows[number][key].values()) for rows in runs]
        seed_curve(axis, counts, values, f"β = {row['beta']:g}", f"C{number}")
    number_axis(axis, counts, "number of samples in the mean")
    axis.set_ylabel("PSNR of the mean, dB")
    axis.legend(fontsize=8)
    return figure


def _table_rows(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"β": f"{row['beta']:g}", **scores_of_variant(row)} for row in result["rows"]]
