"""Figures of what a posterior says about an image."""

import os
from typing import Any

import numpy as np

from divnoising_tf._files import atomic_path


def posterior_figure(
    observation: np.ndarray,
    samples: np.ndarray,
    mean: np.ndarray,
    standard_deviation: np.ndarray,
    truth: np.ndarray | None = None,
) -> Any:
    """Show input, two samples and their difference, MMSE, uncertainty, and the truth.

    Args:
        observation: noisy image (y, x), counts.
        samples: at least two posterior samples (n, y, x), counts.
        mean: the MMSE estimate (y, x), counts.
        standard_deviation: of the samples (y, x), counts.
        truth: the clean image (y, x), counts, if it is known.

    Returns:
        A matplotlib figure.

    Example:
        >>> image = np.random.default_rng(0).normal(size=(8, 8))
        >>> figure = posterior_figure(image, np.stack([image, image + 1]), image, np.ones((8, 8)))
        >>> len(figure.axes) - 2  # without the two colour bars
        6
    """
    from matplotlib.figure import Figure

    difference = samples[0] - samples[1]
    # the clean image's range shows structure; the noise would stretch it
    low, high = np.percentile(mean if truth is None else truth, (0.5, 99.5))
    bound = float(np.percentile(np.abs(difference), 99.5)) or 1.0
    grey = {"cmap": "gray", "vmin": low, "vmax": high}
    signed = {"cmap": "RdBu", "vmin": -bound, "vmax": bound}
    panels = [
        ("noisy input", observation, grey),
        ("sample 1", samples[0], grey),
        ("sample 2", samples[1], grey),
        ("sample 1 − sample 2 (counts)", difference, signed),
        ("MMSE: mean of the samples", mean, grey),
        ("uncertainty: their standard\ndeviation (counts)", standard_deviation, {"cmap": "magma"}),
    ]
    if truth is not None:
        panels.append(("truth", truth, grey))
    columns = (len(panels) + 1) // 2
    height, width = mean.shape
    figure = Figure(
        figsize=(3.1 * columns, 2 * (3.1 * height / width + 0.35)), layout="constrained"
    )
    for place, (title, image, style) in enumerate(panels, 1):
        axis = figure.add_subplot(2, columns, place)
        shown = axis.imshow(image, interpolation="nearest", **style)
        axis.set_title(title, fontsize=9)
        axis.set_axis_off()
        if style is not grey:
            figure.colorbar(shown, ax=axis, fraction=0.046, pad=0.02)
    return figure


def save_figure(figure: Any, path: str | os.PathLike, overwrite: bool = False) -> None:
    """Write a matplotlib figure as PNG or PDF, complete or not at all.

    Raises:
        InputError: the file exists, or the folder cannot be written.
    """
    with atomic_path(path, overwrite) as temporary:
        figure.savefig(temporary, dpi=110)
