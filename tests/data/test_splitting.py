import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from divnoising_tf.data.splitting import split
from divnoising_tf.errors import InputError


def _covered(regions, sizes):
    masks = [np.zeros(size, bool) for size in sizes]
    for plane, top, left, height, width, _ in regions:
        assert top >= 0
        assert left >= 0
        assert top + height <= sizes[plane][0]
        assert left + width <= sizes[plane][1]
        masks[plane][top : top + height, left : left + width] = True
    return masks


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.tuples(st.integers(8, 70), st.integers(16, 70)), min_size=1, max_size=9),
    st.sampled_from([0.01, 0.15, 0.3, 0.9]),
    st.integers(0, 3),
)
def test_regions_hold_a_patch_and_never_overlap(sizes, fraction, seed):
    training, validation = split(sizes, 8, fraction, seed)
    assert training
    assert validation
    assert all(min(one.height, one.width) >= 8 for one in training + validation)
    pairs = zip(_covered(training, sizes), _covered(validation, sizes), strict=True)
    assert not any((train & held).any() for train, held in pairs)


def test_areas_count_every_training_pixel_once():
    training, validation = split([(512, 512)], 128, 0.15, 0)
    pixels = sum(int(mask.sum()) for mask in _covered(training, [(512, 512)]))
    assert sum(one.area for one in training) == pixels == 512**2 - validation[0].area
    assert validation[0].area == pytest.approx(0.15 * 512**2, rel=0.01)


def test_enough_images_are_held_out_whole_and_chosen_by_the_seed():
    sizes = [(64, 64)] * 20
    held = {seed: [one.plane for one in split(sizes, 16, 0.15, seed)[1]] for seed in range(3)}
    assert all(len(planes) == 3 for planes in held.values())
    assert held[0] != held[1] or held[0] != held[2]
    assert held[0] == [one.plane for one in split(sizes, 16, 0.15, 0)[1]]


def test_two_images_too_small_to_divide_give_one_each():
    training, validation = split([(16, 16), (16, 16)], 16, 0.15, 0)
    assert len(training) == len(validation) == 1
    assert training[0].plane != validation[0].plane


def test_one_image_too_small_to_divide_is_refused():
    with pytest.raises(InputError, match="at most 15"):
        split([(16, 31)], 16, 0.15, 0)
