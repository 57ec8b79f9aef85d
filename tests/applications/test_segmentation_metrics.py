import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from divnoising_tf.applications import (
    Matching,
    average_precision,
    jaccard,
    match_cells,
    mean_average_precision,
    seg,
)
from divnoising_tf.errors import InputError

_MEASURES = [average_precision, mean_average_precision, jaccard, seg]
_LABELS = arrays(np.uint8, (4, 5), elements=st.integers(0, 4))


def _strips(*lengths):
    """Cells in one row, by their lengths; negative ones are gaps."""
    pieces = [
        np.full(abs(length), number * (length > 0)) for number, length in enumerate(lengths, 1)
    ]
    return np.concatenate(pieces)[None]


def test_counts_by_hand():
    truth = _strips(4, 4, -2, 10)
    # intersection over union: 3/4, 4/6 and none
    prediction = _strips(3, -1, 6, 2, -8)
    assert match_cells(truth, prediction, 0.5) == Matching(2, 1, 1)
    assert match_cells(truth, prediction, 0.7) == Matching(1, 2, 2)
    assert match_cells(truth, prediction, 0.75) == Matching(1, 2, 2)
    assert match_cells(truth, prediction, 0.76) == Matching(0, 3, 3)
    assert average_precision(truth, prediction) == 0.5
    assert mean_average_precision(truth, prediction, (0.5, 0.7, 0.9)) == pytest.approx(0.7 / 3)
    # the third has 2 of its 10 pixels
    assert jaccard(truth, prediction) == pytest.approx((3 / 4 + 4 / 6 + 2 / 10) / 3)
    assert seg(truth, prediction) == pytest.approx((3 / 4 + 4 / 6) / 3)


def test_shares_by_hand():
    matching = Matching(true_positives=3, false_positives=1, false_negatives=2)
    assert matching.precision == 0.75
    assert matching.recall == 0.6
    assert matching.f1 == pytest.approx(2 * 0.75 * 0.6 / 1.35)
    assert matching.average_precision == 0.5


def test_default_thresholds_are_those_of_dsb():
    # an intersection over union of 0.72 passes 0.5, 0.55, 0.6, 0.65, 0.7 of ten
    assert mean_average_precision(_strips(25), _strips(18, -7)) == pytest.approx(0.5)


def test_each_cell_has_one_partner():
    truth, halves = _strips(10), _strips(5, 5)
    assert match_cells(truth, halves, 0.5) == Matching(1, 1, 0)
    # greedy by overlap would pair the middle ones, and leave two alone
    truth, shifted = _strips(6, 6, -2), _strips(-2, 8, 4)
    assert match_cells(truth, shifted, 0.2) == Matching(2, 0, 0)


def test_seg_wants_more_than_half_covered():
    assert seg(_strips(10), _strips(5, -5)) == 0
    assert seg(_strips(10), _strips(6, -4)) == 0.6


@pytest.mark.parametrize("measure", _MEASURES)
def test_no_cells(measure):
    nothing, cell = np.zeros((3, 3), int), np.ones((3, 3), int)
    assert measure(nothing, nothing) == 1
    assert measure(nothing, cell) == 0
    assert measure(cell, nothing) == 0
    assert measure(np.ones((1, 1), int), np.full((1, 1), 8)) == 1


@settings(deadline=None, max_examples=60)
@given(_LABELS, _LABELS, st.permutations(range(1, 5)), st.sampled_from([0.2, 0.5, 0.8]))
def test_numbers_do_not_matter_and_the_rest_is_symmetric(truth, prediction, numbers, iou):
    table = np.array([0, *numbers]) * 1000
    for measure in _MEASURES:
        value = measure(truth, prediction)
        assert 0 <= value <= 1
        assert measure(table[truth], prediction) == pytest.approx(value)
        assert measure(truth, table[prediction]) == pytest.approx(value)
        assert measure(truth, truth) == 1
    there, back = match_cells(truth, prediction, iou), match_cells(prediction, truth, iou)
    assert there.f1 == back.f1
    assert there.average_precision == back.average_precision
    assert there.precision == back.recall
    assert seg(truth, prediction) <= jaccard(truth, prediction)


@settings(deadline=None, max_examples=30)
@given(_LABELS, _LABELS)
def test_a_stricter_threshold_never_finds_more(truth, prediction):
    found = [match_cells(truth, prediction, iou).true_positives for iou in (0.1, 0.3, 0.5, 0.7, 1)]
    assert found == sorted(found, reverse=True)


@pytest.mark.parametrize("measure", _MEASURES)
@pytest.mark.parametrize(
    ("truth", "prediction", "message"),
    [
        (np.ones((2, 3), int), np.ones((3, 2), int), "same shape"),
        (-np.ones((2, 2), int), np.ones((2, 2), int), "truth has negative"),
        (np.ones((2, 2), int), np.ones((2, 2)), "prediction must hold whole"),
        (np.ones((0, 2), int), np.ones((0, 2), int), "no pixels"),
    ],
)
def test_bad_labels_are_refused(measure, truth, prediction, message):
    with pytest.raises(InputError, match=message):
        measure(truth, prediction)


@pytest.mark.parametrize("iou", [0, -0.5, 1.1, np.nan])
def test_bad_thresholds_are_refused(iou):
    with pytest.raises(InputError, match="above 0"):
        match_cells(np.ones((2, 2), int), np.ones((2, 2), int), iou)
    with pytest.raises(InputError, match="no threshold"):
        mean_average_precision(np.ones((2, 2), int), np.ones((2, 2), int), ())
