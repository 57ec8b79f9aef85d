"""Consensus (BIC): segments of several label images, fused cell by cell.

Akbas, Ulman, Maška, Jug, Kozubek: Automatic Fusion of Segmentation and Tracking Labels, ECCV
Workshops 2018. Of the paper only the beginning could be had; what is implemented is the method as
comments and settings of its reference implementation describe it (Fiji plugins BIC and
label-fusion-ng of github.com/CellTrackingChallenge):

1. each marker, in each input, finds the segment that covers more than half of the marker;
2. the segments found add their inputs' weights up, pixel by pixel, and what exceeds a threshold
   is the fused cell;
3. pixels that two fused cells claim belong to neither, and a cell with more than a tenth of its
   pixels contested is dropped;
4. of each fused cell the largest connected piece is kept.

Two things differ. The threshold is a share of the total weight that votes must exceed; in the
original it is a sum of weights, given by the user, that they must reach. And there the markers
come from tracking, one for each cell; samples of a posterior have none, and unless the caller has
some, `consensus_markers` makes them.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from divnoising_tf.applications.consensus_markers import consensus_markers
from divnoising_tf.applications.labels import checked_labels, checked_stack, consecutive, overlaps
from divnoising_tf.errors import InputError

_LARGEST_CONTESTED_SHARE = 0.1  # of the original

Box = tuple[slice, ...]


def consensus_bic(
    segmentations: Iterable[np.ndarray],
    markers: np.ndarray | None = None,
    weights: Sequence[float] | None = None,
    threshold: float = 0.5,
) -> np.ndarray:
    """Fuse label images of one scene into one.

    Args:
        segmentations: labels as a stack (n, y, x), or (y, x) one after the other; from
            `segment_samples` or any other program. All are held in memory.
        markers: labels (y, x), one mark in each cell that is to be found, such as nuclei; None to
            take those of `consensus_markers`.
        weights: how much each segmentation counts; None for all the same.
        threshold: share of the total weight, from 0 to below 1, above which a pixel is the cell's.
            Where neighbours are merged in many segmentations, 0.6 or 0.7 keeps more cells: fewer
            pixels are contested.

    Returns:
        Labels (y, x), int32, 1, 2, ... in the order of the markers.

    Raises:
        InputError: there is no segmentation, shapes differ, something is no label image, weights
            do not fit.

    Example:
        >>> large, small = np.array([[1, 1, 1, 0]]), np.array([[4, 4, 0, 0]])
        >>> consensus_bic([large, small, small]).tolist()
        [[1, 1, 0, 0]]
    """
    from scipy.ndimage import find_objects

    images = checked_stack(segmentations)
    if not 0 <= threshold < 1:
        raise InputError(
            "The threshold is a share of the total weight, from 0 to below 1.",
            threshold,
            "0.5 asks for a majority.",
        )
    shares = _checked_shares(weights, len(images))
    if markers is None:
        marks = consensus_markers(images)
    else:
        marks = consecutive(checked_labels(markers, "image of markers"))
        if marks.shape != images[0].shape:
            raise InputError(
                "Markers and segmentations must have one shape.",
                f"{marks.shape} and {images[0].shape}",
                "Crop one of them.",
            )
    found = np.stack([_covering_segments(marks, image) for image in images])
    boxes = [find_objects(image) for image in images]
    fused = [_fused(images, boxes, chosen, shares, threshold) for chosen in found.T]
    return _without_contested(fused, marks)


def _checked_shares(weights: Sequence[float] | None, n: int) -> np.ndarray:
    values = np.ones(n) if weights is None else np.asarray(weights, np.float64)
    if values.shape != (n,) or not (np.isfinite(values).all() and (values >= 0).all()):
        raise InputError(
            "There must be one weight, 0 or more, for each segmentation.",
            f"{weights} for {n} segmentations",
            "Give as many finite weights as segmentations.",
        )
    if values.sum() == 0:
        raise InputError("All weights are 0.", weights, "Give one of them a positive weight.")
    return values / values.sum()


def _covering_segments(markers: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return for each marker the segment that covers more than half of it, or 0."""
    shared = overlaps(markers, labels)[1:]
    best = shared.argmax(1)
    covered = shared[np.arange(len(shared)), best]
    return np.where(2 * covered > shared.sum(1), best, 0)


def _fused(
    images: list[np.ndarray],
    boxes: list[list[Box]],
    chosen: np.ndarray,
    shares: np.ndarray,
    threshold: float,
) -> np.ndarray:
    """Return the places (flat) of one fused cell."""
    from skimage.measure import label

    box = _common_box([of[cell - 1] for of, cell in zip(boxes, chosen, strict=True) if cell])
    if box is None:
        return np.empty(0, np.intp)
    votes = np.zeros([side.stop - side.start for side in box])
    for image, cell, share in zip(images, chosen, shares, strict=True):
        if cell:
            votes += share * (image[box] == cell)
    # sums of shares round: half the weight is not more than half
    pieces = label(votes > threshold + 1e-9, connectivity=1)
    sizes = np.bincount(pieces.ravel())[1:]
    if len(sizes) == 0:
        return np.empty(0, np.intp)
    places = np.nonzero(pieces == sizes.argmax() + 1)
    shifted = tuple(place + side.start for place, side in zip(places, box, strict=True))
    return np.ravel_multi_index(shifted, images[0].shape)


def _common_box(boxes: list[Box]) -> Box | None:
    if not boxes:
        return None
    return tuple(
        slice(min(side.start for side in sides), max(side.stop for side in sides))
        for sides in zip(*boxes, strict=True)
    )


def _without_contested(cells: list[np.ndarray], markers: np.ndarray) -> np.ndarray:
    claims = np.zeros(markers.size, np.int32)
    for places in cells:
        claims[places] += 1
    result = np.zeros(markers.size, np.int32)
    for number, places in enumerate(cells, 1):
        contested = claims[places] > 1
        if len(places) and contested.mean() <= _LARGEST_CONTESTED_SHARE:
            result[places[~contested]] = number
    return consecutive(result.reshape(markers.shape))
