"""The pictures of a table of PSNR: all methods by data set, and calibration of the uncertainty."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from experiments.estimates import CURVE_LEVELS
from experiments.psnr_table import COLUMNS, MAP, MMSE, NOISY, SUPERVISED

_MARKERS = {NOISY: "|", "NLM": "v", "BM3D": "^", "N2V": "s", "PN2V": "D", MAP: "x", "CARE": "*"}


def psnr_figure(results: Sequence[Mapping[str, Any]]) -> Figure:
    """Draw a line for each data set and a mark for each method, mean over the seeds.

    Args:
        results: of the runner, with "title" and "scores", dB; with "same images as", the title of
            a data set that has the marks of methods that are not of this one.
    """
    titles = list(dict.fromkeys(one["title"] for one in results))
    shared = {one["title"]: one.get("same images as") for one in results}
    figure = Figure(figsize=(9, 1.2 + 0.42 * len(titles)), layout="constrained")
    axis = figure.add_subplot()
    for number, column in enumerate(COLUMNS.values()):
        places, values = [], []
        for place, title in enumerate(titles):
            scores = _scores(results, title, column) or _scores(results, shared[title], column)
            if scores:
                places.append(place)
                values.append(np.mean(scores))
        label = f"{column}, has seen clean images" if column in SUPERVISED else column
        if values:
            marker = _MARKERS.get(column, "o")
            size = 60 if column == MMSE else 35
            style = {"s": size, "color": f"C{number}", "marker": marker, "label": label}
            axis.scatter(values, places, zorder=3, **style)
    axis.set_yticks(range(len(titles)), titles, fontsize=8)
    axis.invert_yaxis()
    axis.grid(axis="y", color="0.9")
    axis.set_xlabel("PSNR, dB")
    axis.legend(fontsize=7, loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


def _scores(results: Sequence[Mapping[str, Any]], title: str | None, column: str) -> list[float]:
    """Return what a method has on a data set, all seeds."""
    return [
        one["scores"][column]
        for one in results
        if one["title"] == title and column in one["scores"]
    ]


def calibration_figure(results: Sequence[Mapping[str, Any]]) -> Figure:
    """Draw coverage against level, and error against predicted error, a curve for each data set.

    The errors of each data set are in units of its own root mean square predicted error.

    Curves of several seeds are averaged.

    Args:
        results: of the runner, with "title" and "calibration curves".
    """
    figure = Figure(figsize=(11.5, 4.4), layout="constrained")
    coverage, reliability = figure.subplots(1, 2)
    for number, title in enumerate(dict.fromkeys(one["title"] for one in results)):
        seeds = [one["calibration curves"] for one in results if one["title"] == title]
        covered, predicted, error = (
            np.mean([curves[name] for curves in seeds], axis=0)
            for name in ("coverage", "predicted", "error")
        )
        style = {"color": f"C{number % 10}", "linestyle": "-" if number < 10 else "--"}
        coverage.plot((0, *CURVE_LEVELS, 1), (0, *covered, 1), **style)
        # a collapsed posterior predicts no error at all
        if scale := np.sqrt(np.mean(predicted**2)):
            style |= {"marker": "o", "markersize": 3, "label": title}
            reliability.plot(predicted / scale, error / scale, **style)
    for axis in (coverage, reliability):
        axis.plot((0, 1), (0, 1), color="0.3", linewidth=1, linestyle=":", transform=axis.transAxes)
        axis.spines[["top", "right"]].set_visible(False)
    coverage.set(
        xlim=(0, 1),
        ylim=(0, 1),
        xlabel="central interval of the samples",
        ylabel="share of pixels with the truth in it",
    )
    most = max(*reliability.get_xlim(), *reliability.get_ylim())
    reliability.set(
        xlim=(0, most),
        ylim=(0, most),
        xlabel="predicted error of the mean / its root mean square",
        ylabel="error of the mean / the same",
    )
    reliability.legend(fontsize=7, loc="center left", bbox_to_anchor=(1, 0.5))
    return figure
