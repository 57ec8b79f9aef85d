"""Draws docs/images/segmentation.png: drawn cells, and what consensus makes of them.

    python -m experiments.segmentation_picture

No model is trained. Pictures of membranes that are faint in places, each with faint places of its
own, stand for the samples of a posterior.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter

from divnoising_tf.applications import (
    consensus_average,
    consensus_bic,
    match_cells,
    segment_samples,
    segmentation_figure,
)
from divnoising_tf.plotting import save_figure

PICTURE = Path(__file__).parents[1] / "docs" / "images" / "segmentation.png"
SIZE = (192, 240)
SPACING = 34
SAMPLES = 25
SETTINGS = {"bright": "membranes", "radius": 15, "offset": 8.0, "smallest_cell": 60}


def main() -> None:
    """Draw cells and samples, segment them, write the figure."""
    rng = np.random.default_rng(8)
    distance, truth = cells(rng)
    samples = np.stack(list(faint_membranes(distance, rng)))
    segmentations = list(segment_samples(samples, **SETTINGS))
    consensus = {
        "Consensus (Avg)": consensus_average(samples, **SETTINGS),
        "Consensus (BIC)": consensus_bic(segmentations),
    }
    single = [match_cells(truth, labels).f1 for labels in segmentations]
    print(f"F1 at IoU 0.5: single samples {np.mean(single):.2f} (best {max(single):.2f})")
    for name, labels in consensus.items():
        print(f"{name} {match_cells(truth, labels).f1:.2f}")
    figure = segmentation_figure(samples.mean(0), samples, segmentations, consensus, truth)
    save_figure(figure, PICTURE, overwrite=True)
    print(f"wrote {PICTURE.name}")


def cells(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return each pixel's distance from the nearest membrane, pixels, and the cells as labels."""
    grid = np.mgrid[SPACING // 2 : SIZE[0] : SPACING, SPACING // 2 : SIZE[1] : SPACING]
    centres = grid.reshape(2, -1).T + rng.uniform(-SPACING / 3, SPACING / 3, (grid[0].size, 2))
    y, x = np.mgrid[: SIZE[0], : SIZE[1]]
    to_centres = np.hypot(y[..., None] - centres[:, 0], x[..., None] - centres[:, 1])
    nearest, second = np.sort(to_centres, axis=-1)[..., :2].transpose(2, 0, 1)
    return (second - nearest) / 2, to_centres.argmin(-1) + 1


def faint_membranes(distance: np.ndarray, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Yield images of membranes, counts, each faint in places of its own."""
    profile = np.exp(-(distance**2) / 3)
    everywhere = _smooth(rng, 8)
    for _ in range(SAMPLES):
        strength = np.clip(0.85 + 0.2 * everywhere + 0.4 * _smooth(rng, 5), 0, 1.2)
        yield 60 + 90 * strength * profile + 4 * _smooth(rng, 2)


def _smooth(rng: np.random.Generator, width: float) -> np.ndarray:
    """Return smooth noise of standard deviation 1."""
    field = gaussian_filter(rng.normal(size=SIZE), width)
    return field / field.std()


if __name__ == "__main__":
    main()
