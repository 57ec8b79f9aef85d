"""Label images: checks, consecutive numbers, overlaps; 0 is no cell, every other number a cell."""

from collections.abc import Iterable

import numpy as np

from divnoising_tf.errors import InputError


def checked_labels(labels: np.ndarray, name: str = "label image") -> np.ndarray:
    """Return a label image as an array, or say why it is none.

    Args:
        labels: whole numbers from 0, any shape with at least one pixel.
        name: for the message.

    Raises:
        InputError: no pixels, fractions or true/false instead of whole numbers, negative numbers.

    Example:
        >>> checked_labels([[0, 7], [7, 0]]).shape
        (2, 2)
    """
    labels = np.asarray(labels)
    if labels.size == 0:
        raise InputError(
            f"The {name} has no pixels.", f"shape {labels.shape}", "Give at least one pixel."
        )
    if labels.dtype.kind not in "ui":
        raise InputError(
            f"The {name} must hold whole numbers, one for each cell.",
            f"dtype {labels.dtype}",
            "Number a mask with skimage.measure.label; convert fractions with astype(int).",
        )
    if labels.min() < 0:
        raise InputError(
            f"The {name} has negative numbers.",
            f"minimum {labels.min()}",
            "Use 0 where there is no cell and positive numbers for cells.",
        )
    return labels


def checked_stack(segmentations: Iterable[np.ndarray]) -> list[np.ndarray]:
    """Return label images of one shape, their cells numbered 1, 2, ... without gaps.

    Args:
        segmentations: a stack (n, y, x), or label images (y, x) one after the other.

    Raises:
        InputError: there is none, the shapes differ, or one of them is no label image.

    Example:
        >>> checked_stack([np.array([[0, 7]]), np.array([[5, 2]])])[1].tolist()
        [[2, 1]]
    """
    images: list[np.ndarray] = []
    for number, labels in enumerate(segmentations):
        labels = checked_labels(labels, f"segmentation {number}")
        if images and labels.shape != images[0].shape:
            raise InputError(
                "All segmentations must have one shape.",
                f"{images[0].shape} and {labels.shape}",
                "Segment samples of one image.",
            )
        images.append(consecutive(labels))
    if not images:
        raise InputError(
            "There is no segmentation.", "nothing", "Give at least one label image (y, x)."
        )
    return images


def consecutive(labels: np.ndarray) -> np.ndarray:
    """Return the same cells numbered 1, 2, ... in the order of their numbers, int32.

    Example:
        >>> consecutive(np.array([[0, 9, 4]])).tolist()
        [[0, 2, 1]]
    """
    highest = int(labels.max())
    if highest <= 4 * labels.size:
        used = np.bincount(labels.ravel()) > 0
        used[0] = False
        return np.where(used, np.cumsum(used), 0).astype(np.int32)[labels]
    numbers = np.unique(labels)
    return (np.searchsorted(numbers, labels) + (numbers[0] > 0)).astype(np.int32)


def overlaps(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Count the pixels that each pair of cells shares.

    Args:
        first: consecutive labels.
        second: consecutive labels of the same shape.

    Returns:
        Pixels (cells of first + 1, cells of second + 1); row and column 0 are for no cell.

    Example:
        >>> overlaps(np.array([1, 1, 0]), np.array([1, 2, 2])).tolist()
        [[0, 0, 1], [0, 1, 1]]
    """
    rows, columns = int(first.max()) + 1, int(second.max()) + 1
    pairs = first.ravel().astype(np.int64) * columns + second.ravel()
    return np.bincount(pairs, minlength=rows * columns).reshape(rows, columns)


def jaccard_matrix(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the intersection over union of each pair of cells (cells of first, of second).

    Example:
        >>> jaccard_matrix(np.array([1, 1, 0]), np.array([1, 2, 2])).round(2).tolist()
        [[0.5, 0.33]]
    """
    shared = overlaps(first, second)
    union = shared.sum(1, keepdims=True) + shared.sum(0, keepdims=True) - shared
    return (shared / np.maximum(union, 1))[1:, 1:]
