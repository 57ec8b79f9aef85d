"""The picture of a posterior predictive check."""

import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np

from divnoising_tf.evaluation.statistics import Measured

_OBSERVED = "#0b6e99"
_REPLICATES = "#9aa5b1"
_GOOD, _BAD = "#2e7d32", "#b71c1c"
_BAND = (2.5, 97.5)


def predictive_figure(
    title: str,
    good: bool,
    residual: Sequence[Measured],
    replicates: Sequence[Measured],
    signal: np.ndarray,
) -> Any:
    """Draw what the residuals of the image and of replicates have in common, and what not.

    Args:
        title: of the figure.
        good: whether nothing speaks against the model.
        residual: see `PredictiveCheck`, as for the arguments that follow.
        replicates: as many.
        signal: mean of each bin of brightness, counts.

    Returns:
        A `matplotlib.figure.Figure`: histogram of the residual, its correlation along rows and
        columns, its strength by brightness; grey is where 95 % of the replicates are.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12.5, 4.8), layout="constrained")
    figure.suptitle(
        "\n".join(textwrap.wrap(title, 160)), fontsize=10, color=_GOOD if good else _BAD
    )
    histogram, correlation, strength = figure.subplots(1, 3)
    both, edges = (residual, replicates), residual[0].edges
    _draw(histogram, (edges[1:] + edges[:-1]) / 2, *both, "histogram", marker="")
    histogram.set(
        title="histogram of the residual",
        xlabel="image − sample (deviations of the noise)",
        ylabel="density of pixels",
    )
    # room for the legend
    histogram.set_ylim(0, 1.25 * histogram.get_ylim()[1])
    _draw_correlation(correlation, *both)
    _draw(strength, signal, *both, "strength_by_signal", marker="o")
    strength.set(
        title="strength of the residual by brightness",
        xlabel="signal (counts)",
        ylabel="root mean square residual",
    )
    low, high = strength.get_ylim()
    strength.set_ylim(min(low, 0.9), max(high, 1.1))
    for axes in (histogram, correlation, strength):
        axes.spines[["top", "right"]].set_visible(False)
    histogram.legend(frameon=False, fontsize=8)
    return figure


def _draw_correlation(
    axes: Any, residual: Sequence[Measured], replicates: Sequence[Measured]
) -> None:
    for name, marker, style in (("along_rows", "o", "-"), ("along_columns", "s", "--")):
        count = len(getattr(residual[0], name))
        places = np.arange(1, count)
        _, low, high = _band(replicates, name)
        axes.fill_between(places, low[1:], high[1:], color=_REPLICATES, alpha=0.4, linewidth=0)
        mean = _band(residual, name)[0]
        axes.plot(
            places,
            mean[1:],
            style,
            color=_OBSERVED,
            marker=marker,
            markersize=4,
            label=name.replace("_", " "),
        )
    axes.axhline(0, color="black", linewidth=0.6)
    axes.set(
        title="correlation of the residual",
        xlabel="distance (pixels)",
        ylabel="correlation",
    )
    low, high = axes.get_ylim()
    axes.set_ylim(min(low, -0.05), max(high, 0.05))
    axes.legend(frameon=False, fontsize=8)


def _draw(
    axes: Any,
    places: np.ndarray,
    residual: Sequence[Measured],
    replicates: Sequence[Measured],
    name: str,
    marker: str,
) -> None:
    expected, low, high = _band(replicates, name)
    axes.fill_between(
        places,
        low,
        high,
        color=_REPLICATES,
        alpha=0.4,
        linewidth=0,
        label="95 % of images that the model makes",
    )
    axes.plot(places, expected, color=_REPLICATES, linewidth=1)
    axes.plot(
        places,
        _band(residual, name)[0],
        color=_OBSERVED,
        marker=marker,
        markersize=4,
        label="the noisy image",
    )


def _band(measured: Sequence[Measured], name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return mean, lower and upper end of what was measured."""
    values = np.stack([getattr(one, name) for one in measured])
    low, high = np.percentile(values, _BAND, axis=0)
    return values.mean(axis=0), low, high
