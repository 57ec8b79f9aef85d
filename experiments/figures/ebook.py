"""Figures of read text: error rates, one patch in every way, the clusters of a crop."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from divnoising_tf.plotting import clusters_figure
from divnoising_tf.posterior.clusters import Clusters

_MEASURES = ("character errors, %", "word errors, %")


def errors_figure(runs: Sequence[Sequence[Mapping[str, Any]]]) -> Figure:
    """Return bars of both error rates, their mean over the seeds; a point for each seed.

    Args:
        runs: the rows of each seed, as the kind `ebook_text` returns them.
    """
    names = [row["image"] for row in runs[0]]
    figure = Figure(figsize=(9, 0.8 + 0.28 * len(names)), layout="constrained")
    axes = figure.subplots(1, len(_MEASURES), sharey=True)
    for axis, measure in zip(axes, _MEASURES, strict=True):
        values = np.array([[row[measure] for row in rows] for rows in runs])
        bars = axis.barh(names, values.mean(0), color="C0", alpha=0.6)
        axis.bar_label(bars, fmt="%.1f", fontsize=7, padding=2)
        if len(runs) > 1:
            for rows in values:
                axis.plot(rows, names, "k.", markersize=3)
        axis.set_xlabel(measure)
        axis.margins(x=0.18)
        axis.tick_params(labelsize=7)
    axes[0].invert_yaxis()
    return figure


def patch_picture(arrays: Mapping[str, np.ndarray], results: Mapping[str, Any]) -> Figure:
    """Return one patch: noisy, MMSE, MAP, samples, clean, with the error rates of all patches."""
    rates = {row["image"]: row["character errors, %"] for row in results["rows"]}
    panels = [(name, arrays[name]) for name in ("noisy", "MMSE", "MAP")]
    panels += [(f"sample {n}", sample) for n, sample in enumerate(arrays["samples"], 1)]
    panels.append(("clean", arrays["clean"]))
    columns = -(-len(panels) // 2)
    figure = Figure(figsize=(2.4 * columns, 5.4), layout="constrained")
    for place, (name, image) in enumerate(panels, 1):
        axis = figure.add_subplot(2, columns, place)
        # the noise goes far beyond ink and paper
        low, high = (-255, 510) if name == "noisy" else (0, 255)
        axis.imshow(image, cmap="gray", vmin=low, vmax=high, interpolation="nearest")
        errors = f"\n{rates[name]:.1f} % of characters wrong" if name in rates else ""
        axis.set_title(name + errors, fontsize=8)
        axis.set_axis_off()
    return figure


def clusters_picture(arrays: Mapping[str, np.ndarray], results: Mapping[str, Any]) -> Figure:
    """Return the crop: noisy, MMSE, MAP, samples; its clusters with support and what is read."""
    found = results["clusters of the crop"]
    crop = tuple(slice(*found[axis]) for axis in ("rows", "columns"))
    clusters = Clusters(
        arrays["clusters"],
        np.array(found["support"]),
        np.array(found["share"]),
        found["bandwidth"],
        found["samples"],
    )
    figure = clusters_figure(
        clusters,
        arrays["noisy"][crop],
        arrays["MMSE"][crop],
        arrays["MAP"][crop],
        arrays["samples"][(slice(2), *crop)],
    )
    for axis, text in zip(figure.axes[-len(clusters) :], found["read as"], strict=True):
        axis.set_title(f"{axis.get_title()}\n“{text}”", fontsize=8)
    return figure
