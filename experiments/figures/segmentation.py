"""Plots of segmentation scores: against the number of samples, and against the threshold."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from experiments.figures.charts import number_axis, seed_curve

MEASURES = ("F1", "Average Precision", "Jaccard", "SEG")
_CURVES = {"Consensus (Avg)": "C0", "Consensus (BIC)": "C1", "MMSE of n": "C2"}
_LINES = {"clean": "-", "single samples": "--", "noisy": ":"}


def scores_figure(means: Sequence[dict[str, Any]]) -> Figure:
    """Return one panel for each measure: scores against the number of samples.

    Args:
        means: for each seed the mean over the images, as the kind `segmentation` returns it.
    """
    figure = Figure(figsize=(3.2 * len(MEASURES), 3.5), layout="constrained")
    counts = [int(count) for count in means[0]["MMSE of n"]]
    for place, measure in enumerate(MEASURES, 1):
        axis = figure.add_subplot(1, len(MEASURES), place)
        for curve, colour in _CURVES.items():
            runs = [[one[measure] for one in mean[curve].values()] for mean in means]
            seed_curve(axis, counts, runs, curve, colour)
        for line, style in _LINES.items():
            value = np.mean([mean[line][measure] for mean in means])
            axis.axhline(value, color="black", linestyle=style, lw=1, label=line)
        number_axis(axis, counts, "number of samples n")
        axis.set_title(measure, fontsize=9)
        axis.set_ylim(0, 1)
    _legend_below(figure, axis)
    return figure


def thresholds_figure(means: Sequence[dict[str, Any]]) -> Figure:
    """Return Average Precision against the intersection over union that makes a pair.

    Args:
        means: as for `scores_figure`.
    """
    figure = Figure(figsize=(4.5, 3.8), layout="constrained")
    axis = figure.add_subplot()
    key = "Average Precision at IoU"
    most = list(means[0]["MMSE of n"])[-1]
    thresholds = [float(iou) for iou in means[0]["clean"][key]]
    for curve, colour in _CURVES.items():
        runs = [list(mean[curve][most][key].values()) for mean in means]
        name = f"MMSE of {most}" if curve == "MMSE of n" else f"{curve}, {most} samples"
        seed_curve(axis, thresholds, runs, name, colour)
    for line, style in _LINES.items():
        values = np.mean([list(mean[line][key].values()) for mean in means], axis=0)
        axis.plot(thresholds, values, color="black", linestyle=style, lw=1, label=line)
    axis.set_xlabel("intersection over union, at least")
    axis.set_ylabel("Average Precision")
    axis.set_ylim(0, 1)
    axis.legend(fontsize=7)
    return figure


def _legend_below(figure: Figure, axis: Any) -> None:
    handles, names = axis.get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=len(names), fontsize=8)
