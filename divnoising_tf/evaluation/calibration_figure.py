"""The picture of the calibration of samples."""

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from divnoising_tf.evaluation.calibration import Calibration

_MEASURED = "#0b6e99"
_BARS = "#9aa5b1"
_RIGHT = "#2e7d32"
_MARKED_LEVELS = (0.5, 0.8, 0.95)


def calibration_figure(calibration: "Calibration") -> Any:
    """Draw coverage against level, error against predicted error, and the truth's ranks.

    Args:
        calibration: of samples.

    Returns:
        A `matplotlib.figure.Figure`.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12.5, 4.2), layout="constrained")
    figure.suptitle(
        f"{calibration.samples} samples, {calibration.pixels} pixels: expected calibration error "
        f"{calibration.expected_calibration_error:.3f}, error of the mean "
        f"{calibration.error_ratio:.2f} × predicted",
        fontsize=11,
    )
    coverage, reliability, ranks = figure.subplots(1, 3)
    _draw_coverage(coverage, calibration)
    _draw_reliability(reliability, calibration)
    _draw_ranks(ranks, calibration)
    for axes in (coverage, reliability, ranks):
        axes.spines[["top", "right"]].set_visible(False)
    return figure


def _draw_coverage(axes: Any, calibration: "Calibration") -> None:
    levels = np.concatenate([[0.0], calibration.levels, [1.0]])
    shares = np.concatenate([[0.0], calibration.coverage, [1.0]])
    axes.plot((0, 1), (0, 1), color=_RIGHT, linewidth=1, label="right")
    axes.plot(levels, shares, color=_MEASURED, label="measured")
    shown = [(level, calibration.coverage_of(level)) for level in _MARKED_LEVELS]
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


def _draw_reliability(axes: Any, calibration: "Calibration") -> None:
    predicted, error = calibration.predicted, calibration.error
    top = 1.08 * float(max(predicted.max(), error.max())) or 1.0
    axes.plot((0, top), (0, top), color=_RIGHT, linewidth=1, label="right")
    axes.plot(
        predicted, error, color=_MEASURED, marker="o", markersize=4, label="error of the mean"
    )
    axes.plot(
        predicted,
        np.abs(calibration.bias),
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


def _draw_ranks(axes: Any, calibration: "Calibration") -> None:
    histogram = calibration.rank_histogram
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
