"""How well cells were found: F1, Average Precision, Jaccard index and SEG of label images.

All take label images of one shape, of any program, with any numbers for the cells. Intersection
over union (IoU) and Jaccard index are two names for one thing.
"""

import dataclasses
from collections.abc import Sequence

import numpy as np

from divnoising_tf.applications.labels import (
    checked_labels,
    consecutive,
    jaccard_matrix,
    overlaps,
)
from divnoising_tf.errors import InputError

IOU_THRESHOLDS = tuple(round(0.5 + 0.05 * step, 2) for step in range(10))  # of DSB 2018


@dataclasses.dataclass(frozen=True)
class Matching:
    """How many cells of a truth and of a prediction go together.

    Attributes:
        true_positives: pairs that match.
        false_positives: predicted cells without a partner.
        false_negatives: true cells without a partner.

    Example:
        >>> matching = Matching(true_positives=6, false_positives=2, false_negatives=4)
        >>> matching.precision, matching.recall, matching.f1, matching.average_precision
        (0.75, 0.6, 0.67, 0.5)
    """

    true_positives: int
    false_positives: int
    false_negatives: int

    @property
    def precision(self) -> float:
        """Share of predicted cells that are true; 1 if there are no cells at all."""
        return self._share(self.false_positives)

    @property
    def recall(self) -> float:
        """Share of true cells that were found; 1 if there are no cells at all."""
        return self._share(self.false_negatives)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall, 2 TP / (2 TP + FP + FN)."""
        return self._share((self.false_positives + self.false_negatives) / 2)

    @property
    def average_precision(self) -> float:
        """TP / (TP + FP + FN), which DSB 2018 and StarDist call Average Precision."""
        return self._share(self.false_positives + self.false_negatives)

    def _share(self, errors: float) -> float:
        if self.true_positives == 0:
            # nothing to find and nothing found is no error
            return 0.0 if self.false_positives + self.false_negatives else 1.0
        return self.true_positives / (self.true_positives + errors)


def match_cells(truth: np.ndarray, prediction: np.ndarray, iou: float = 0.5) -> Matching:
    """Pair true and predicted cells whose intersection over union reaches a threshold.

    Each cell has one partner at most; of all ways to pair them, one with most pairs is taken.

    Args:
        truth: labels, any shape.
        prediction: labels of the same shape.
        iou: above 0 and up to 1.

    Raises:
        InputError: shapes differ, something is no label image, the threshold has no meaning.

    Example:
        >>> truth = np.array([[1, 1, 1, 0, 2, 2]])
        >>> match_cells(truth, np.array([[7, 7, 0, 0, 0, 9]]), iou=0.6)
        Matching(true_positives=1, false_positives=1, false_negatives=1)
    """
    from scipy.optimize import linear_sum_assignment

    if not 0 < iou <= 1:
        raise InputError(
            "The threshold of the intersection over union must be above 0 and up to 1.",
            iou,
            "0.5 is the usual one.",
        )
    scores = jaccard_matrix(*_checked_pair(truth, prediction))
    allowed = scores >= iou
    pairs = linear_sum_assignment(allowed, maximize=True)
    matched = int(allowed[pairs].sum())
    return Matching(matched, scores.shape[1] - matched, scores.shape[0] - matched)


def average_precision(truth: np.ndarray, prediction: np.ndarray, iou: float = 0.5) -> float:
    """Return TP / (TP + FP + FN) at one threshold of the intersection over union.

    Args:
        truth: labels, any shape.
        prediction: labels of the same shape.
        iou: above 0 and up to 1.

    Returns:
        From 0 to 1; 1 if there are no cells at all.

    Raises:
        InputError: as `match_cells`.

    Example:
        >>> average_precision(np.array([[1, 1, 0, 2]]), np.array([[5, 5, 0, 0]]))
        0.5
    """
    return match_cells(truth, prediction, iou).average_precision


def mean_average_precision(
    truth: np.ndarray, prediction: np.ndarray, ious: Sequence[float] = IOU_THRESHOLDS
) -> float:
    """Return the mean of the Average Precision over thresholds, by default 0.5, 0.55 ... 0.95.

    Args:
        truth: labels, any shape.
        prediction: labels of the same shape.
        ious: at least one threshold, each above 0 and up to 1.

    Returns:
        From 0 to 1; 1 if there are no cells at all.

    Raises:
        InputError: as `match_cells`, or there is no threshold.

    Example:
        >>> mean_average_precision(np.array([[1, 1, 1, 1]]), np.array([[1, 1, 1, 0]]), (0.7, 0.8))
        0.5
    """
    if len(ious) == 0:
        raise InputError("There is no threshold.", ious, "Give at least one, such as 0.5.")
    return float(np.mean([average_precision(truth, prediction, iou) for iou in ious]))


def jaccard(truth: np.ndarray, prediction: np.ndarray) -> float:
    """Return the mean over true cells of the Jaccard index with the best predicted cell.

    Predicted cells where there is none cost nothing here; look at `match_cells` too.

    Args:
        truth: labels, any shape.
        prediction: labels of the same shape.

    Returns:
        From 0 to 1; without true cells 1 if none was predicted, else 0.

    Raises:
        InputError: shapes differ, something is no label image.

    Example:
        >>> jaccard(np.array([[1, 1, 0, 2]]), np.array([[1, 0, 0, 3]]))
        0.75
    """
    scores = jaccard_matrix(*_checked_pair(truth, prediction))
    if scores.shape[0] == 0:
        return float(scores.shape[1] == 0)
    return float(np.pad(scores, ((0, 0), (0, 1))).max(1).mean())


def seg(truth: np.ndarray, prediction: np.ndarray) -> float:
    """Return the SEG measure of the Cell Tracking Challenge.

    As `jaccard`, but a true cell counts 0 unless a predicted one covers more than half of it.

    Args:
        truth: labels, any shape.
        prediction: labels of the same shape.

    Returns:
        From 0 to 1; without true cells 1 if none was predicted, else 0.

    Raises:
        InputError: shapes differ, something is no label image.

    Example:
        >>> seg(np.array([[1, 1, 0, 2]]), np.array([[1, 0, 0, 3]]))
        0.5
    """
    truth, prediction = _checked_pair(truth, prediction)
    shared = overlaps(truth, prediction)
    scores = jaccard_matrix(truth, prediction)
    if scores.shape[0] == 0:
        return float(scores.shape[1] == 0)
    covered = 2 * shared[1:, 1:] > shared[1:].sum(1, keepdims=True)
    return float(np.sum(scores * covered) / scores.shape[0])


def _checked_pair(truth: np.ndarray, prediction: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    truth, prediction = checked_labels(truth, "truth"), checked_labels(prediction, "prediction")
    if truth.shape != prediction.shape:
        raise InputError(
            "The truth and the prediction must have the same shape.",
            f"{truth.shape} and {prediction.shape}",
            "Crop or squeeze one of them.",
        )
    return consecutive(truth), consecutive(prediction)
