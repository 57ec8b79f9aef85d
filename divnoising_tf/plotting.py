"""Figures of what a posterior says about an image."""

import os
from typing import Any

import numpy as np

from divnoising_tf.files.atomic import atomic_path


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


def clusters_figure(
    clusters: Any,
    observation: np.ndarray,
    mean: np.ndarray,
    mode: np.ndarray | None = None,
    samples: np.ndarray | None = None,
) -> Any:
    """Show a crop: input, MMSE, MAP and samples above, its clusters with their share below.

    Args:
        clusters: `Clusters` of the crop, images (clusters, y, x).
        observation: the noisy crop (y, x), counts.
        mean: its MMSE estimate (y, x), counts.
        mode: its MAP estimate (y, x), counts.
        samples: some samples of it (n, y, x), counts.

    Returns:
        A matplotlib figure.

    Example:
        >>> from divnoising_tf.posterior.clusters import clusters_of_samples
        >>> samples = np.random.default_rng(0).normal(100, 5, (20, 8, 8))
        >>> clusters = clusters_of_samples(samples, bandwidth=1e3)
        >>> figure = clusters_figure(clusters, samples[0], samples.mean(axis=0))
        >>> [axis.get_title().split() for axis in figure.axes][-1]
        ['100', '%', '20', 'of', '20', 'in', 'reach']
    """
    from matplotlib.figure import Figure

    # the mean's range is that of the clean structure; samples and clusters reach beyond it
    low, high = np.percentile(np.concatenate([mean[np.newaxis], clusters.images]), (0.5, 99.5))
    above = [("noisy input", observation), ("MMSE: mean", mean)]
    if mode is not None:
        above.append(("MAP: mode", mode))
    if samples is not None:
        above += [(f"sample {number}", sample) for number, sample in enumerate(samples, 1)]
    below = [
        (f"{100 * share:.0f} %\n{support} of {clusters.samples} in reach", image)
        for image, support, share in zip(
            clusters.images, clusters.support, clusters.share, strict=True
        )
    ]
    columns = max(len(above), -(-len(below) // 2) if len(below) > 6 else len(below))
    rows = 1 + -(-len(below) // columns)
    height, width = mean.shape
    figure = Figure(
        figsize=(2.0 * columns, rows * (2.0 * height / width + 0.5)), layout="constrained"
    )
    places = [*range(1, len(above) + 1), *range(columns + 1, columns + len(below) + 1)]
    for place, (title, image) in zip(places, above + below, strict=True):
        axis = figure.add_subplot(rows, columns, place)
        axis.imshow(image, interpolation="nearest", cmap="gray", vmin=low, vmax=high)
        axis.set_title(title, fontsize=8)
        axis.set_axis_off()
    return figure


def save_figure(figure: Any, path: str | os.PathLike[str], overwrite: bool = False) -> None:
    """Write a matplotlib figure as PNG or PDF, complete or not at all.

    Raises:
        InputError: the file exists, or the folder cannot be written.
    """
    with atomic_path(path, overwrite) as temporary:
        figure.savefig(temporary, dpi=110)
