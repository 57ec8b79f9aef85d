import numpy as np
import pytest
from applications.cells import membranes, nuclei
from hypothesis import given, settings
from hypothesis import strategies as st

from divnoising_tf.applications import (
    consensus_average,
    consensus_bic,
    consensus_markers,
    match_cells,
    seg,
    segment,
    segment_samples,
)
from divnoising_tf.errors import InputError


def _same_cells(first, second):
    return match_cells(first, second, 1.0).f1 == 1


def _square(top, left, height=10, width=10, size=(40, 44)):
    labels = np.zeros(size, int)
    labels[top : top + height, left : left + width] = 1
    return labels


def _two_cells(split=True):
    labels = _square(5, 5, 20, 12)
    labels[5:25, 18:30] = 2 if split else 1
    labels[5:25, 17] = 0 if split else 1
    return labels


def test_average_of_equal_samples_is_their_segmentation():
    for (image, _), bright in ((membranes(), "membranes"), (nuclei(), "nuclei")):
        expected = segment(image, bright=bright)
        result = consensus_average(np.stack([image] * 5), bright=bright)
        assert np.array_equal(result, expected)


def test_average_outvotes_samples_with_a_gap():
    image, truth = membranes()
    samples = []
    for number in range(7):
        # each sample has a gap of its own, as membranes in noise do
        sample = image.copy()
        sample[:, 14 * number : 14 * number + 9] = 20
        samples.append(sample)
    assert match_cells(truth, consensus_average(iter(samples)), 0.7).f1 == 1
    assert all(match_cells(truth, labels).f1 < 1 for labels in segment_samples(samples))
    # asked for almost all samples, the gaps win
    assert match_cells(truth, consensus_average(samples, share=0.9)).f1 < 1


def test_average_asks_for_more_than_half():
    without, image = np.zeros((9, 9)), np.zeros((9, 9))
    image[:, 4] = 100
    assert consensus_average([image, without], radius=3).max() == 1
    assert consensus_average([image, without], share=0.4, radius=3).max() == 2


def test_average_keeps_cells_apart_whose_membrane_moves():
    images = [np.roll(membranes()[0], shift, axis=1) for shift in (-1, 0, 0, 1)]
    assert match_cells(membranes()[1], consensus_average(images)).f1 == 1


def test_average_of_a_pixel_and_of_nothing():
    assert consensus_average([np.zeros((1, 1))], smallest_cell=1).tolist() == [[1]]
    assert consensus_average(np.zeros((3, 7, 9)), bright="nuclei").max() == 0
    with pytest.raises(InputError, match="no sample"):
        consensus_average(iter(()))
    with pytest.raises(InputError, match="one shape"):
        consensus_average([np.zeros((4, 4)), np.zeros((4, 5))])
    with pytest.raises(InputError, match="one shape"):
        consensus_average([np.zeros((1, 1)), np.zeros((4, 5))])
    with pytest.raises(InputError, match="below 1"):
        consensus_average([np.zeros((4, 4))], share=1)


@pytest.mark.parametrize("n", [1, 2, 5, 20])
def test_bic_of_equal_segmentations_is_that_segmentation(n):
    for _, labels in (membranes(), nuclei()):
        assert _same_cells(consensus_bic([labels] * n), labels)


def test_bic_outvotes_one_of_five():
    wrong = _square(5, 20, 20, 15)
    result = consensus_bic([_two_cells()] * 2 + [wrong] + [_two_cells()] * 2)
    assert _same_cells(result, _two_cells())


def test_bic_keeps_cells_apart_that_most_inputs_part():
    split, merged = _two_cells(), _two_cells(split=False)
    assert _same_cells(consensus_bic([split, merged, split, merged, split]), split)
    assert _same_cells(consensus_bic([split, merged, merged, merged, split]), merged)


def test_bic_is_better_than_each_of_its_inputs():
    truth = _square(10, 10, 20, 20)
    inputs = [np.roll(truth, shift, (0, 1)) for shift in ((3, 0), (-3, 0), (0, 3), (0, -3), (2, 2))]
    fused = consensus_bic(inputs)
    assert seg(truth, fused) > max(seg(truth, labels) for labels in inputs) + 0.05
    # the majority of five by hand
    assert np.array_equal(fused > 0, np.sum([labels > 0 for labels in inputs], 0) >= 3)


def test_bic_follows_weights():
    small, large = _square(10, 10, 8, 8), _square(10, 10, 8, 12)
    marker = _square(12, 12, 2, 2)
    for weights, winner in (((3, 1, 1), large), ((1, 1, 1), small), ((0, 0, 1), small)):
        assert _same_cells(consensus_bic([large, small, small], marker, weights), winner)
    # half the weight is not more than half
    assert _same_cells(consensus_bic([large, small], marker), small)
    assert _same_cells(consensus_bic([large, small], marker, threshold=0.4), large)


def test_bic_takes_segments_that_cover_more_than_half_of_the_marker():
    marker = _square(10, 10, 4, 4)
    half, more = _square(10, 6, 4, 6), _square(10, 6, 4, 7)
    assert consensus_bic([half], marker).max() == 0
    assert consensus_bic([half + 2 * _square(10, 12, 4, 6)], marker).max() == 0
    assert _same_cells(consensus_bic([more], marker), more)


def test_bic_gives_contested_pixels_to_nobody():
    one, other = _square(5, 5, 10, 20), _square(5, 24, 10, 20)
    markers = _square(9, 8, 2, 2) + 2 * _square(9, 40, 2, 2)
    # one input has the left cell alone, the other the right one: a column is claimed twice
    result = consensus_bic([one, other], markers, threshold=0.4)
    assert result.max() == 2
    assert not result[:, 24].any()
    assert _same_cells(result, np.where((one > 0) & (other > 0), 0, one + 2 * other))
    # 3 columns of 20 are more than a tenth: neither cell is left
    assert consensus_bic([one, np.roll(other, -2, 1)], markers, threshold=0.4).max() == 0
    # two marks in one cell contest all of it
    assert consensus_bic([_two_cells(split=False)], _square(9, 8, 2, 2)).max() == 1
    assert consensus_bic([_two_cells(split=False)], _two_cells()).max() == 0


def test_bic_keeps_the_largest_piece():
    pieces = _square(5, 5, 4, 4) + _square(5, 20, 10, 10)
    assert _same_cells(consensus_bic([pieces], _square(7, 22, 2, 2)), _square(5, 20, 10, 10))


def test_markers_rank_by_agreement_and_need_support():
    everywhere, rare = _square(5, 5), 2 * _square(25, 25)
    stack = [everywhere + rare] * 2 + [everywhere] * 2
    assert _same_cells(consensus_markers(stack), everywhere + rare)
    assert _same_cells(consensus_markers(stack, share=0.5), everywhere)
    wobbling = [everywhere + np.roll(rare, shift, 1) for shift in (0, 1, 2)]
    # the one in the middle overlaps most with the others
    assert _same_cells(consensus_markers(wobbling), wobbling[1])
    with pytest.raises(InputError, match="below 1"):
        consensus_markers(stack, share=1)


def test_bic_finds_cells_that_are_closed_in_few_inputs():
    apart, left, right = np.zeros((12, 40), int), np.zeros((12, 40), int), np.zeros((12, 40), int)
    for number in range(3):
        apart[1:11, 13 * number : 13 * number + 12] = number + 1
    left[1:11, :25], left[1:11, 26:38] = 1, 2
    right[1:11, :12], right[1:11, 13:38] = 1, 2
    # one of five has all three, but neither merger has a majority
    assert _same_cells(consensus_bic([apart, left, left, right, right]), apart)


@settings(deadline=None, max_examples=20)
@given(st.permutations(range(1, 10)), st.permutations(range(4)))
def test_bic_does_not_see_numbers_of_cells_nor_the_order_of_inputs(numbers, order):
    _, truth = nuclei()
    shifted = [np.roll(truth, shift, 0) for shift in (0, 1, 1, 2)]
    markers = nuclei(radius=3)[1]
    renumbered = [np.array([0, *numbers])[shifted[place]] for place in order]
    result = consensus_bic(renumbered, markers)
    assert result.max() == 9
    assert np.array_equal(result, consensus_bic(shifted, markers))


@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (2, 3, 4)])
def test_bic_of_no_cells_and_of_whole_images(shape):
    assert consensus_bic([np.zeros(shape, int)] * 3).max() == 0
    assert np.array_equal(consensus_bic([np.full(shape, 9)] * 3), np.ones(shape))
    assert consensus_bic([np.full(shape, 9)], np.zeros(shape, int)).max() == 0


def test_bic_refuses_what_does_not_fit():
    labels = _two_cells()
    for arguments, message in (
        ({"markers": labels[1:]}, "one shape"),
        ({"markers": labels * 0.5}, "whole numbers"),
        ({"weights": [1, 2, 3]}, "one weight"),
        ({"weights": [1, -1]}, "one weight"),
        ({"weights": [0, 0]}, "weights are 0"),
        ({"threshold": 1}, "below 1"),
    ):
        with pytest.raises(InputError, match=message):
            consensus_bic([labels, labels], **arguments)
