"""Curves of experiments that were run with several seeds."""

from collections.abc import Sequence
from typing import Any

import numpy as np


def seed_curve(
    axis: Any, places: Sequence[float], runs: Sequence[Sequence[float]], label: str, colour: str
) -> None:
    """Draw the mean over runs as a line, and what lies between the extremes as a band.

    Args:
        axis: of matplotlib.
        places: along x.
        runs: a sequence for each seed, with a value for each place.
        label: for the legend.
        colour: of matplotlib.
    """
    values = np.array(runs, float)
    axis.plot(places, values.mean(0), "o-", color=colour, markersize=3, label=label)
    if len(values) > 1:
        axis.fill_between(places, values.min(0), values.max(0), color=colour, alpha=0.2, lw=0)


def number_axis(axis: Any, places: Sequence[float], label: str) -> None:
    """Label a logarithmic x axis at the places themselves."""
    axis.set_xscale("log")
    axis.set_xticks(places, [f"{place:g}" for place in places], fontsize=7)
    axis.minorticks_off()
    axis.set_xlabel(label)
