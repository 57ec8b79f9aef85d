"""A figure of cells found in samples, and of what the samples agree on."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from divnoising_tf.applications.labels import checked_labels, checked_stack
from divnoising_tf.errors import InputError

_SHOWN_SAMPLES = 3
_COLOURS = {"sample": "#ffb000", "consensus": "#00d0ff", "truth": "#50e050"}


def segmentation_figure(
    image: np.ndarray,
    samples: Sequence[np.ndarray],
    segmentations: Sequence[np.ndarray],
    consensus: Mapping[str, np.ndarray],
    truth: np.ndarray | None = None,
) -> Any:
    """Show outlines in three samples, how often an outline is where, and the consensus.

    Args:
        image: (y, x), counts; what the consensus is drawn on, such as the MMSE estimate.
        samples: (n, y, x), counts; the first three are shown.
        segmentations: labels of each sample, (n, y, x).
        consensus: labels (y, x) by name, such as {"Consensus (Avg)": labels}.
        truth: labels (y, x), if they are known.

    Returns:
        A matplotlib figure.

    Raises:
        InputError: shapes differ, numbers of samples and segmentations differ, something is no
            label image.

    Example:
        >>> image, labels = np.zeros((8, 8)), np.eye(8, dtype=int)
        >>> figure = segmentation_figure(image, [image], [labels], {"Consensus (BIC)": labels})
        >>> [axis.get_title() for axis in figure.axes][:2]
        ['image', 'sample 1: 1 cells']
    """
    from matplotlib.figure import Figure

    images = checked_stack(segmentations)
    named = {name: checked_labels(labels, name) for name, labels in consensus.items()}
    if truth is not None:
        named["truth"] = checked_labels(truth, "truth")
    shapes = {np.shape(plane) for plane in (image, *samples, *images, *named.values())}
    if len(shapes) > 1 or len(samples) != len(images):
        raise InputError(
            "Images and labels must have one shape, and each sample its labels.",
            f"shapes {sorted(shapes)}, {len(samples)} samples, {len(images)} segmentations",
            "Give planes (y, x) of one scene.",
        )
    panels: list[tuple[str, np.ndarray, np.ndarray | None, str]] = [("image", image, None, "")]
    for number, sample in enumerate(samples[:_SHOWN_SAMPLES]):
        title = f"sample {number + 1}: {images[number].max()} cells"
        panels.append((title, sample, images[number], _COLOURS["sample"]))
    agreement = np.mean([_outlines(labels) for labels in images], axis=0)
    panels.append(("share of samples with\nan outline here", agreement, None, ""))
    for name, labels in named.items():
        count = len(np.setdiff1d(labels, 0))
        colour = _COLOURS["truth" if name == "truth" else "consensus"]
        panels.append((f"{name}: {count} cells", image, labels, colour))
    columns = min(4, len(panels))
    rows = -(-len(panels) // columns)
    height, width = np.shape(image)
    figure = Figure(
        figsize=(3.1 * columns, rows * (3.1 * height / width + 0.35)), layout="constrained"
    )
    grey = {"cmap": "gray", "vmin": np.percentile(image, 0.5), "vmax": np.percentile(image, 99.5)}
    for place, (title, plane, outlined, colour) in enumerate(panels, 1):
        axis = figure.add_subplot(rows, columns, place)
        style = {"cmap": "magma", "vmin": 0, "vmax": 1} if plane is agreement else grey
        shown = axis.imshow(plane, interpolation="nearest", **style)
        if outlined is not None:
            _draw_outlines(axis, outlined, colour)
        axis.set_title(title, fontsize=9)
        axis.set_axis_off()
        if plane is agreement:
            figure.colorbar(shown, ax=axis, fraction=0.046, pad=0.02)
    return figure


def _outlines(labels: np.ndarray) -> np.ndarray:
    from skimage.segmentation import find_boundaries

    return find_boundaries(labels, mode="outer")


def _draw_outlines(axis: Any, labels: np.ndarray, colour: str) -> None:
    from matplotlib.colors import ListedColormap

    lines = np.ma.masked_equal(_outlines(labels).astype(np.uint8), 0)
    axis.imshow(lines, cmap=ListedColormap([colour]), interpolation="nearest")
