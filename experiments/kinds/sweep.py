"""One setting against PSNR and diversity: β, or σ of the noise (supplement, Figs. 6 and 7).

One training for each value. Diversity is the standard deviation of the PSNRs of samples; their
deviation is in counts, root mean square over the pixels. How the PSNR of the mean grows with the
number of samples comes from one pass over them.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from divnoising_tf.metrics import psnr
from divnoising_tf.plotting import save_figure
from experiments.divnoising import model_of_settings
from experiments.figures.charts import number_axis, seed_curve
from experiments.sampling_scores import mean_of, sampling_scores
from experiments.seed_tables import seed_table, training_words

_SYMBOLS = {"beta": "β", "sigma": "σ"}
_AXES = {"beta": "β, weight of the KL divergence", "sigma": "σ of the noise, counts"}
_DEFAULTS: dict[str, Any] = {
    "name": "beta_sweep",
    "task": "mdck",
    "options": {},
    "swept": "beta",  # of the network; or "sigma", of the task
    "values": [0.1, 0.5, 1.0, 2.0, 5.0],
    "counts": [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],  # of samples, rising
    "test_images": 3,
    "test_size": 256,  # side of the middle that is used, pixels
    "network": {},
    "training": {},
}


def run(settings: Mapping[str, Any], minutes: float, seed: int) -> dict[str, Any]:
    """Train a model for each value, and measure its samples.

    Args:
        settings: what differs from `_DEFAULTS`.
        minutes: of each training.
        seed: of the trainings.
    """
    settings = {**_DEFAULTS, **settings}
    swept = settings["swept"]
    rows = []
    for value in settings["values"]:
        row = {swept: value, **_measured(settings, value, minutes, seed)}
        rows.append(row)
        print(f"{swept} {value:g}: {row['PSNR of the MMSE']} dB", flush=True)
    return {
        "name": settings["name"],
        "swept": swept,
        "seed": seed,
        "task": settings["task"],
        "minutes of each training": minutes,
        "rows": rows,
    }


def draw(results: list[dict[str, Any]], folder: Path) -> list[Path]:
    """Draw PSNR and diversity against what is swept, and PSNR against the number of samples."""
    name = results[0]["name"]
    figures = {
        folder / f"{name}.png": _against_value(results),
        folder / f"{name}_samples.png": _against_number(results),
    }
    for path, figure in figures.items():
        save_figure(figure, path, overwrite=True)
    return list(figures)


def table(name: str, _recipe: Any, records: list[dict[str, Any]]) -> str:
    """Return PSNR and diversity as Markdown."""
    return seed_table(name, records, _table_rows)


def _measured(
    settings: Mapping[str, Any], value: float, minutes: float, seed: int
) -> dict[str, Any]:
    """Train with one value; return the scores of samples, means over the test images."""
    swept = settings["swept"]
    part = "network" if swept == "beta" else "options"
    settings = {**settings, part: {**settings[part], swept: value}}
    task, model, facts = model_of_settings(
        settings["task"], settings["options"], settings, minutes, seed, settings.get("models")
    )
    size, number = settings["test_size"], settings["test_images"]
    rows = []
    for noisy, clean in zip(task.test[:number], task.test_signal[:number], strict=True):
        noisy, clean = middle(noisy, size), middle(clean, size)
        samples = model.posterior(noisy, seed=0).samples()
        row = sampling_scores(samples, clean, settings["counts"])
        rows.append({"PSNR of the noisy image": round(psnr(clean, noisy), 3), **row})
    mean = mean_of(rows)
    most = settings["counts"][-1]
    return {
        "training": facts,
        "PSNR of the MMSE": mean["PSNR of the mean of n"][str(most)],
        "samples": most,
        **mean,
        "images": rows,
    }


def middle(image: Any, size: int) -> Any:
    """Return the middle of an image (y, x), at most size x size pixels."""
    top, left = (max(0, side - size) // 2 for side in image.shape)
    return image[top : top + size, left : left + size]


def _against_value(results: Sequence[Mapping[str, Any]]) -> Figure:
    rows, swept = results[0]["rows"], results[0]["swept"]
    values = [row[swept] for row in rows]
    figure = Figure(figsize=(10.5, 3.3), layout="constrained")
    axes = figure.subplots(1, 3)
    panels = (
        (axes[0], "PSNR of the MMSE", f"mean of {rows[0]['samples']} samples", "C0"),
        (axes[0], "PSNR of a sample", "one sample", "C1"),
        (axes[0], "PSNR of the noisy image", "noisy", "C7"),
        (axes[1], "diversity", "", "C2"),
        (axes[2], "deviation", "", "C3"),
    )
    for axis, measure, label, colour in panels:
        runs = [[row[measure] for row in one["rows"]] for one in results]
        seed_curve(axis, values, runs, label, colour)
    axes[0].legend(fontsize=8)
    labels = (
        "PSNR, dB",
        "diversity: standard deviation\nof the samples' PSNRs, dB",
        "standard deviation of the samples\nin a pixel, counts",
    )
    for axis, label in zip(axes, labels, strict=True):
        axis.set_ylabel(label)
        number_axis(axis, values, _AXES[swept])
    return figure


def _against_number(results: Sequence[Mapping[str, Any]]) -> Figure:
    figure = Figure(figsize=(5.5, 3.8), layout="constrained")
    axis = figure.add_subplot()
    key, swept = "PSNR of the mean of n", results[0]["swept"]
    counts = [int(count) for count in results[0]["rows"][0][key]]
    for number, row in enumerate(results[0]["rows"]):
        runs = [list(one["rows"][number][key].values()) for one in results]
        seed_curve(axis, counts, runs, f"{_SYMBOLS[swept]} = {row[swept]:g}", f"C{number}")
    number_axis(axis, counts, "number of samples in the mean")
    axis.set_ylabel("PSNR of the mean, dB")
    axis.legend(fontsize=8)
    return figure


def _table_rows(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    swept = result["swept"]
    keys = ("PSNR of the noisy image", "PSNR of the MMSE", "PSNR of a sample")
    return [
        {
            _SYMBOLS[swept]: f"{row[swept]:g}",
            **{key: row[key] for key in (*keys, "diversity", "deviation")},
            **training_words(row["training"]),
        }
        for row in result["rows"]
    ]
