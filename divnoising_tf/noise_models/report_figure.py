"""The picture of a noise model's report."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from divnoising_tf.noise_models.report_measures import DensitySlice, SignalBins

_MEASURED = "#9aa5b1"
_MODELLED = "#0b6e99"
_VERDICT_COLOURS = {"good": "#2e7d32", "fair": "#b26a00", "bad": "#b71c1c"}


def report_figure(
    model: str,
    verdict: str,
    pixels: int,
    pit_histogram: np.ndarray,
    pit_distance: float,
    bins: SignalBins,
    slices: Sequence[DensitySlice],
) -> Any:
    """Draw a report.

    Above: the histogram of the probability integral transform; measured over modelled standard
    deviation, and the bias, by signal. Below: measured and modelled densities at three signals.

    Args:
        model: see `NoiseModelReport`, as for the arguments that follow.
        verdict: "good", "fair" or "bad".
        pixels: that were judged.
        pit_histogram: density.
        pit_distance: over all signals.
        bins: by signal.
        slices: densities at three signals.

    Returns:
        A `matplotlib.figure.Figure`.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 6.6), layout="constrained")
    above, below = figure.subfigures(2, 1)
    figure.suptitle(f"{model}\nverdict: {verdict}", fontsize=11, color=_VERDICT_COLOURS[verdict])
    quantiles, deviation = above.subplots(1, 2, width_ratios=(1, 2))
    _draw_quantiles(quantiles, pit_histogram, pit_distance, pixels)
    _draw_deviation(deviation, bins)
    panels = np.atleast_1d(below.subplots(1, len(slices)))
    for axes, part in zip(panels, slices, strict=True):
        axes.stairs(part.measured, part.edges, fill=True, color=_MEASURED, label="observations")
        axes.plot(part.grid, part.modelled, color=_MODELLED, label="noise model")
        axes.axvline(part.signal, color="black", linewidth=0.8, linestyle=":", label="signal")
        axes.set(title=f"signal {part.signal:.4g} counts", xlabel="observation (counts)")
        axes.set_ylim(bottom=0)
    panels[0].set_ylabel("density (per count)")
    panels[0].legend(frameon=False, fontsize=8)
    for axes in (quantiles, deviation, *panels):
        axes.spines[["top", "right"]].set_visible(False)
    return figure


def _draw_quantiles(axes: Any, histogram: np.ndarray, distance: float, pixels: int) -> None:
    bins = len(histogram)
    edges = np.linspace(0, 1, bins + 1)
    # 3 standard errors of a bin's height when the model is right
    chance = 3 * np.sqrt((bins - 1) / pixels)
    axes.stairs(histogram, edges, fill=True, color=_MEASURED)
    axes.axhspan(1 - chance, 1 + chance, color=_MODELLED, alpha=0.25, linewidth=0)
    axes.axhline(1, color=_MODELLED, label="a right model, with chance")
    axes.set(
        title=f"quantiles: off by {distance:.3f}",
        xlabel="P(x ≤ observation | signal)",
        ylabel="density of pixels",
        xlim=(0, 1),
        ylim=(0, max(1.6, 1.15 * histogram.max())),
    )
    axes.legend(frameon=False, fontsize=8, loc="upper center")


def _draw_deviation(axes: Any, bins: SignalBins) -> None:
    ratio = bins.measured / bins.modelled
    axes.axhspan(0.9, 1.1, color=_VERDICT_COLOURS["good"], alpha=0.15, linewidth=0, label="good")
    axes.axhline(1, color=_VERDICT_COLOURS["good"], linewidth=0.8)
    axes.errorbar(
        bins.signal,
        ratio,
        yerr=ratio * bins.chance_of_deviation,
        color=_MODELLED,
        marker="o",
        capsize=2,
        label="measured / modelled standard deviation",
    )
    axes.plot(
        bins.signal,
        1 + bins.bias / bins.modelled,
        color="#b26a00",
        marker="s",
        markersize=4,
        linestyle="--",
        label="1 + bias / modelled standard deviation",
    )
    axes.set(
        title="strength of the noise and bias of its mean, by signal",
        xlabel="signal (counts)",
        ylabel="ratio",
    )
    low, high = axes.get_ylim()
    axes.set_ylim(min(low, 0.7), max(high, 1.3))
    axes.legend(frameon=False, fontsize=8, ncols=3)
