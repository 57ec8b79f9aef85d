"""Plots what experiments.mdck_segmentation measured: scores against the number of samples.

python -m experiments.mdck_segmentation_plot
"""

import argparse
import json
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from divnoising_tf.plotting import save_figure

RESULTS = Path(__file__).parent / "results"
MEASURES = ("F1", "Average Precision", "Jaccard", "SEG")
CURVES = {"Consensus (Avg)": "C0", "Consensus (BIC)": "C1", "MMSE of n": "C2"}
LINES = {"clean": "-", "single samples": "--", "noisy": ":"}


def main() -> None:
    """Write the plot beside the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--name", default="mdck_segmentation", help="of the results")
    name = parser.parse_args().name
    results = json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))
    save_figure(plot(results["mean"]), RESULTS / f"{name}.png", overwrite=True)
    print(f"wrote results/{name}.png")


def plot(mean: dict[str, Any]) -> Figure:
    """Return one panel for each measure."""
    figure = Figure(figsize=(3.2 * len(MEASURES), 3.5), layout="constrained")
    for place, measure in enumerate(MEASURES, 1):
        axis = figure.add_subplot(1, len(MEASURES), place)
        for curve, colour in CURVES.items():
            counts = [int(count) for count in mean[curve]]
            values = [scores[measure] for scores in mean[curve].values()]
            axis.plot(counts, values, "o-", color=colour, markersize=3, label=curve)
        for line, style in LINES.items():
            axis.axhline(mean[line][measure], color="black", linestyle=style, lw=1, label=line)
        axis.set_xscale("log")
        axis.set_xticks(counts, [str(count) for count in counts], fontsize=7)
        axis.minorticks_off()
        axis.set_xlabel("number of samples n")
        axis.set_title(measure, fontsize=9)
        axis.set_ylim(0, 1)
    handles, names = axis.get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=len(names), fontsize=8)
    return figure


if __name__ == "__main__":
    main()
