"""One mark for each cell that segmentations of a scene agree on."""

from collections.abc import Iterable

import numpy as np

from divnoising_tf.applications.labels import checked_stack, jaccard_matrix
from divnoising_tf.errors import InputError

_REFERENCES = 16  # segmentations whose cells are candidates: more cost time and add little


def consensus_markers(segmentations: Iterable[np.ndarray], share: float = 0.1) -> np.ndarray:
    """Return cells, as they are in one of the segmentations, that enough of them have.

    A segmentation has a cell if one of its own shares more than half of the union of both (an
    intersection over union above 0.5). Cells with the highest mean intersection over union come
    first; one that lies with half its pixels on cells already taken is left out.

    Args:
        segmentations: labels as a stack (n, y, x), or (y, x) one after the other.
        share: more than this share of the segmentations must have a cell, from 0 to below 1. Low,
            because a cell with an open membrane in most samples is still one cell.

    Returns:
        Labels (y, x), int32, 1, 2, ... from the most to the least agreed on.

    Raises:
        InputError: there is no segmentation, shapes differ, something is no label image, the
            share has no meaning.

    Example:
        >>> one, two = np.array([[1, 1, 1, 1, 0]]), np.array([[1, 1, 0, 2, 2]])
        >>> consensus_markers([one, two, two]).tolist()
        [[1, 1, 0, 2, 2]]
    """
    from scipy.ndimage import find_objects

    if not 0 <= share < 1:
        raise InputError(
            "The share of segmentations must be from 0 to below 1.",
            share,
            "0.5 asks for a majority.",
        )
    images = checked_stack(segmentations)
    spacing = -(-len(images) // _REFERENCES)
    candidates = []
    for number, reference in enumerate(images[::spacing]):
        support, agreement = _agreement(reference, images)
        boxes = find_objects(reference)
        candidates += [
            (-agreement[cell], number * spacing, cell + 1, boxes[cell])
            for cell in np.flatnonzero(support > share * len(images))
        ]
    markers = np.zeros(images[0].shape, np.int32)
    taken = 0
    for _, number, cell, box in sorted(candidates, key=lambda candidate: candidate[:3]):
        places = images[number][box] == cell
        free = places & (markers[box] == 0)
        if 2 * free.sum() > places.sum():
            taken += 1
            markers[box][free] = taken
    return markers


def _agreement(reference: np.ndarray, images: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return how many images have each cell, and the mean intersection over union with theirs."""
    cells = int(reference.max())
    support, agreement = np.zeros(cells, int), np.zeros(cells)
    for image in images:
        # no cell at all: a column of zeros stands for the best of none
        best = np.pad(jaccard_matrix(reference, image), ((0, 0), (0, 1))).max(1)
        support += best > 0.5
        agreement += best / len(images)
    return support, agreement
