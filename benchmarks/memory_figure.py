"""Peak memory and time by the number of samples, as a figure.

    python -m benchmarks.memory_figure

draws benchmarks/results/memory.json, which `python -m benchmarks.memory` writes, into
docs/images/memory.png.
"""

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results" / "memory.json"
FIGURE = Path(__file__).parents[1] / "docs" / "images" / "memory.png"
_GIB = 2**30
_IMAGE, _FILE, _LIBRARIES = "#1b6ca8", "#d1495b", "#888888"


def main() -> None:
    """Draw the figure that the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--output", type=Path, default=FIGURE)
    arguments = parser.parse_args()
    record = json.loads(arguments.results.read_text(encoding="utf-8"))
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    memory_figure(record).savefig(arguments.output, dpi=120)
    print(arguments.output)


def memory_figure(record: Mapping[str, Any]) -> Any:
    """Return a Matplotlib figure with peak memory and time against the number of samples.

    Runs are points; where a run noted figures on its way, they are a line that ends there.

    Args:
        record: what `benchmarks.memory` wrote.
    """
    from matplotlib.figure import Figure
    from matplotlib.ticker import LogLocator, NullFormatter

    figure = Figure(figsize=(9, 3.6), layout="constrained")
    peak, time = figure.subplots(1, 2)
    image = record["image"]
    label = f"{image['size']}² pixels, in memory"
    for run in image["measured"]:
        _draw(peak, time, run, _IMAGE, "o", label)
        label = "_repeated"
    if "file" in record:
        _draw(peak, time, record["file"], _FILE, "s", f"{record['file']['size']}², OME-Zarr")
        goal = record["file"]["goal_bytes"] / _GIB
        peak.axhline(goal, color=_FILE, ls=":", lw=1, label="bound of the file")
    before = max(run["peak_bytes_before"] for run in image["measured"]) / _GIB
    peak.axhline(before, color=_LIBRARIES, ls=":", lw=1, label="libraries alone")
    peak.set(xlabel="samples", ylabel="peak resident size, GiB", xscale="log", ylim=(0, None))
    time.set(xlabel="samples", ylabel="seconds", xscale="log", yscale="log")
    for scale in (peak.xaxis, time.xaxis, time.yaxis):
        scale.set_major_locator(LogLocator(subs=(1, 2, 5)))
        scale.set_major_formatter("{x:g}")
        scale.set_minor_formatter(NullFormatter())
    for axis in (peak, time):
        axis.grid(alpha=0.3)
        axis.spines[["top", "right"]].set_visible(False)
    handles, labels = peak.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=len(labels), frameon=False)
    return figure


def _draw(
    peak: Any, time: Any, run: Mapping[str, Any], colour: str, marker: str, label: str
) -> None:
    notes = run.get("curve") or [run]
    samples = [one["samples"] for one in notes]
    for axis, values in (
        (peak, [one["peak_bytes"] / _GIB for one in notes]),
        (time, [one["seconds"] for one in notes]),
    ):
        if len(samples) > 1:
            axis.plot(samples, values, color=colour, lw=1.5)
        axis.plot(samples[-1:], values[-1:], color=colour, marker=marker, ls="", label=label)


if __name__ == "__main__":
    main()
