"""The picture of the calibration of samples."""

from typing import Any

import numpy as np

_MEASURED = "#0b6e99"
_BARS = "#9aa5b1"
_RIGHT = "#2e7d32"
_MARKED_LEVELS = (0.5, 0.8, 0.95)


def calibration_figure(
    title: str,
    levels: np.ndarray,
    coverage: np.ndarray,
    predicted: np.ndarray,
    error: np.ndarray,
    bias: np.ndarray,
    rank_histogram: np.ndarray,
) -> Any:
    """Draw coverage against level, error against predicted error, and the truth's ranks.

    Args:
        title: of the figure.
        levels: see `Calibration`, as for the arguments that follow.
        coverage: of each level.
        predicted: error, counts, in bins of pixels.
        error: likewise.
        bias: likewise.
        rank_histogram: density.

    Returns:
        A `matplotlib.figure.Figure`.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12.5, 4.2), layout="constrained")
    figure.suptitle(title, fontsize=11)
    left, middle, right = figure.subplots(1, 3)
    _draw_coverage(left, np.array([0, *levels, 1]), np.array([0, *coverage, 1]))
    _draw_reliability(middle, predicted, error, bias)
    _draw_ranks(right, rank_histogram)
    for axes in (left, middle, right):
        axes.spines[["top", "right"]].set_visible(False)
    return figure


def _draw_coverage(axes: Any, levels: np.ndarray, shares: np.ndarray) -> None:
    axes.plot((0, 1), (0, 1), color=_RIGHT, linewidth=1, label="right")
    axes.plot(levels, shares, color=_MEASURED, label="measured")
    shown = [(level, float(np.interp(level, levels, shares))) for level in _MARKED_LEVELS]
    axes.plot(*zip(*shown, strict=True), "o", color=_MEASURED, markersize=5)
    lines = [f"central {100 * level:.0f} %: {100 * share:.1f} %" for level, share in shown]
    axes.text(0.98, 0.03, "\n".join(lines), ha="right", fontsize=8, transform=axes.transAxes)
    axes.set(
        title="coverage",
        xlabel="central interval of the samples",
        ylabel="share of pixels with the truth in it",
        xlim=(0, 1.02),
        ylim=(0, 1.02),
    )
    axes.legend(frameon=False, fontsize=8, loc="upper left")


def _draw_reliability(
    axes: Any, predicted: np.ndarray, error: np.ndarray, bias: np.ndarray
) -> None:
    top = 1.08 * float(max(predicted.max(), error.max())) or 1.0
    axes.plot((0, top), (0, top), color=_RIGHT, linewidth=1, label="right")
    axes.plot(
        predicted, error, color=_MEASURED, marker="o", markersize=4, label="error of the mean"
    )
    axes.plot(
        predicted,
        np.abs(bias),
        color="#b26a00",
        marker="s",
        markersize=3,
        linestyle="--",
        linewidth=1,
        label="of which bias",
    )
    axes.set(
        title="reliability, bins of equally many pixels",
        xlabel="predicted error (counts)",
        ylabel="root mean square error (counts)",
        xlim=(0, top),
        ylim=(0, top),
    )
    axes.legend(frameon=False, fontsize=8)


def _draw_ranks(axes: Any, histogram: np.ndarray) -> None:
    axes.stairs(histogram, np.linspace(0, 1, len(histogram) + 1), fill=True, color=_BARS)
    axes.axhline(1, color=_RIGHT, linewidth=1, label="right")
    axes.set(
        title="ranks: ∪ too sure, ∩ not sure enough",
        xlabel="place of the truth among the samples",
        ylabel="density of pixels",
        xlim=(0, 1),
        ylim=(0, max(1.6, 1.1 * float(histogram.max()))),
    )
    axes.legend(frameon=False, fontsize=8, loc="upper center")
