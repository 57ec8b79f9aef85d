import numpy as np
import pytest

from divnoising_tf.applications.labels import (
    checked_labels,
    checked_stack,
    consecutive,
    jaccard_matrix,
    overlaps,
)
from divnoising_tf.errors import InputError


@pytest.mark.parametrize("largest", [3, 2**31 - 1, 2**62])
def test_numbers_become_consecutive_however_large_they_are(largest):
    labels = np.array([[0, largest], [2, 2]])
    assert consecutive(labels).tolist() == [[0, 2], [1, 1]]
    assert consecutive(np.array([largest, 2])).tolist() == [2, 1]


def test_nothing_stays_nothing():
    assert consecutive(np.zeros((2, 3), np.uint8)).tolist() == [[0, 0, 0], [0, 0, 0]]


def test_overlaps_and_jaccard_against_counting(rng):
    first, second = rng.integers(0, 4, (2, 20, 20))
    shared = overlaps(first, second)
    ious = jaccard_matrix(first, second)
    for a in range(1, 4):
        for b in range(1, 4):
            both, either = (first == a) & (second == b), (first == a) | (second == b)
            assert shared[a, b] == both.sum()
            assert ious[a - 1, b - 1] == pytest.approx(both.sum() / either.sum())


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.zeros((0, 4), int), "no pixels"),
        (np.zeros((4, 4)), "whole numbers"),
        (np.zeros((4, 4), bool), "whole numbers"),
        (np.array([[0, -1]]), "negative"),
    ],
)
def test_what_is_no_label_image_is_refused(labels, message):
    with pytest.raises(InputError, match=message):
        checked_labels(labels)


def test_a_stack_needs_images_of_one_shape():
    with pytest.raises(InputError, match="no segmentation"):
        checked_stack(iter(()))
    with pytest.raises(InputError, match="one shape"):
        checked_stack([np.zeros((2, 2), int), np.zeros((2, 3), int)])
    with pytest.raises(InputError, match="segmentation 1"):
        checked_stack([np.zeros((2, 2), int), np.zeros((2, 2))])
