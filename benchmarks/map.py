"""Time the mode of an image against the authors' way: scikit-learn's MeanShift in every window.

    python -m benchmarks.map

Both work on the same samples with the same windows and bandwidths. The reference is timed on some
windows, spread over the image, and scaled to all; its sampling, cutting and blending cost nothing
here. It is timed with as many threads as its libraries take, and with one; the faster counts.
"""

import argparse
import contextlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from scipy.ndimage import gaussian_filter
from sklearn.cluster import MeanShift
from threadpoolctl import threadpool_limits

from divnoising_tf.posterior.mode import (
    FIRST_SPREADS,
    LAST_SPREADS,
    falling_bandwidths,
    mode_image,
)
from divnoising_tf.posterior.windows import window_grid
from measuring.files import write_json
from measuring.machine import machine

WINDOW, OVERLAP = 10, 3
RESULTS = Path(__file__).parent / "results" / "map.json"
GOAL, TOLERANCE = 20, 1e-3
# the windows' middles, which no neighbour is blended into
MIDDLE = slice(OVERLAP, WINDOW - OVERLAP)


def main() -> int:
    """Measure, print a table, and write the figures as JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--size", type=int, default=512, help="side of the image, pixels")
    parser.add_argument("--samples", type=int, default=100)
    parser.add_argument("--windows", type=int, default=200, help="windows of the reference")
    parser.add_argument("--repeats", type=int, default=3, help="of ours; the shortest counts")
    parser.add_argument("--output", type=Path, default=RESULTS)
    options = parser.parse_args()
    samples = synthetic_samples(options.samples, options.size)
    rules: dict[str, tuple[float, float] | None] = {
        "made from the spread (default)": None,
        "200 to below 100 counts (paper)": (200.0, 100.0),
    }
    rows = [
        {"bandwidths": name, **compare(samples, rule, options.windows, options.repeats)}
        for name, rule in rules.items()
    ]
    for row in rows:
        print(
            f"{row['bandwidths']}: {row['seconds']:.2f} s; authors' way "
            f"{row['reference seconds, scaled']:.0f} s (scaled from {row['reference windows']} of "
            f"{row['windows']} windows); {row['ratio']:.0f} times as fast (goal {GOAL}); largest "
            f"difference {row['largest difference, counts']:.1e} counts (goal {TOLERANCE})"
        )
    content = {
        "command": "python -m benchmarks.map",
        "image": [options.size, options.size],
        "samples": options.samples,
        "machine": machine(),
        "rows": rows,
    }
    write_json(options.output, content)
    met = all(
        row["ratio"] >= GOAL and row["largest difference, counts"] <= TOLERANCE for row in rows
    )
    return 0 if met else 1


def synthetic_samples(n: int, size: int) -> np.ndarray:
    """Return samples (n, size, size) in counts that differ softly, and here and there in kind."""
    rng = np.random.default_rng(0)
    samples = np.empty((n, size, size), np.float32)
    for k in range(n):
        soft, kind = (
            gaussian_filter(rng.normal(size=(size, size)), width) * width for width in (1.5, 6)
        )
        samples[k] = 1000 + 30 * soft + 30 * (kind > 0.15)
    return samples


def compare(
    samples: np.ndarray,
    bandwidths: tuple[float, float] | None,
    reference_windows: int,
    repeats: int,
) -> dict[str, Any]:
    """Time both ways and compare the middles of the windows that both did."""
    n, height, width = samples.shape
    stack = samples[..., np.newaxis]

    def ours() -> np.ndarray:
        size = height, width
        draw = lambda rows: stack[:, rows]  # noqa: E731
        return mode_image(draw, size, 1, n, bandwidths, WINDOW, OVERLAP)[..., 0]

    grid = window_grid((height, width), WINDOW, OVERLAP)
    seconds, image = min_of(ours, repeats)
    with threadpool_limits(1):
        seconds_of_one_thread, _ = min_of(ours, 1)
    # not the last windows, which overlap more
    places = [(row, column) for row in grid.rows[:-2] for column in grid.columns[:-2]]
    step = max(len(places) // reference_windows, 1)
    places = places[::step][:reference_windows]
    per_window, difference = [], 0.0
    for limit in (None, 1):
        # a tenth of the windows tells which number of threads is faster
        some = places[::10] if limit is None else places
        begin = time.perf_counter()
        with threadpool_limits(limit) if limit else contextlib.nullcontext():
            centres = [
                reference(samples[:, r : r + WINDOW, c : c + WINDOW], bandwidths) for r, c in some
            ]
        per_window.append((time.perf_counter() - begin) / len(some))
        for (row, column), centre in zip(some, centres, strict=True):
            mine = image[row : row + WINDOW, column : column + WINDOW]
            difference = max(difference, float(np.abs(mine - centre)[MIDDLE, MIDDLE].max()))
    windows = len(grid.rows) * len(grid.columns)
    return {
        "seconds": seconds,
        "seconds with one thread": seconds_of_one_thread,
        "reference seconds, scaled": min(per_window) * windows,
        "reference windows": len(places),
        "windows": windows,
        "reference ms per window, all threads": 1000 * per_window[0],
        "reference ms per window, one thread": 1000 * per_window[1],
        "ratio": min(per_window) * windows / seconds,
        "largest difference, counts": difference,
        "moved from the mean, counts": float(np.abs(image - samples.mean(axis=0)).mean()),
    }


def min_of(work: Callable[[], Any], repeats: int) -> tuple[float, Any]:
    """Return the shortest time in seconds, and the result."""
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        result = work()
        times.append(time.perf_counter() - begin)
    return min(times), result


def reference(samples: np.ndarray, bandwidths: tuple[float, float] | None) -> np.ndarray:
    """Return the mode of one window by scikit-learn, bandwidth after bandwidth."""
    # float64, so that both see the same neighbours; float32 is no faster in scikit-learn
    points = samples.reshape(len(samples), -1).astype(np.float64)
    seed = points.mean(axis=0, keepdims=True)
    radii = falling_bandwidths(*(bandwidths or (FIRST_SPREADS, LAST_SPREADS)))
    if bandwidths is None:
        radii = radii * np.sqrt(points.var(axis=0).sum())
    for radius in radii:
        # no sample in reach: smaller bandwidths find none either
        try:
            seed = MeanShift(bandwidth=radius, seeds=seed).fit(points).cluster_centers_
        except ValueError:
            break
    return seed.reshape(samples.shape[1:])


if __name__ == "__main__":
    raise SystemExit(main())
