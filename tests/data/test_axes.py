import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from divnoising_tf.data.axes import checked_axes, to_planes
from divnoising_tf.errors import InputError

_RANDOM = np.random.default_rng(0)


@st.composite
def _axes(draw):
    others = draw(st.sets(st.sampled_from("STZC")))
    return "".join(draw(st.permutations([*others, "Y", "X"])))


@settings(deadline=None, max_examples=25)
@given(_axes(), st.integers(0, 3))
def test_restore_is_the_inverse_of_to_planes(axes, samples):
    shape = tuple(range(2, 2 + len(axes)))
    image = np.arange(np.prod(shape)).reshape(shape)
    planes = to_planes(image, axes)
    np.testing.assert_array_equal(planes.restore(planes.array), image)
    several = np.stack([planes.array + k for k in range(samples + 1)])
    np.testing.assert_array_equal(planes.restore(several)[-1], image + samples)


def test_planes_run_through_the_stack_in_the_order_of_the_axes():
    image = _RANDOM.random((3, 2, 4, 5, 6))
    planes = to_planes(image, "TCZYX")
    assert planes.array.shape == (12, 5, 6, 2)
    np.testing.assert_array_equal(planes.array[4 + 3, :, :, 1], image[1, 1, 3])


@pytest.mark.parametrize(
    ("axes", "shape", "message"),
    [
        ("YX", (3, 4, 5), "2 letters"),
        ("QYX", (3, 4, 5), "unknown letters: Q"),
        ("YYX", (3, 4, 5), "twice"),
        ("SYC", (3, 4, 5), "must have Y and X"),
        ("", (3, 4), "must have Y and X"),
        (None, (1, 2, 3, 4), "cannot be guessed"),
        (None, (5,), "cannot be guessed"),
        (None, (0, 5), "empty"),
    ],
)
def test_wrong_axes_are_refused(axes, shape, message):
    with pytest.raises(InputError, match=message):
        checked_axes(axes, shape)


def test_colour_is_refused_where_grey_is_wanted():
    colour = to_planes(np.zeros((8, 9, 3), np.uint8), "YXC")
    with pytest.raises(InputError, match="RGB"):
        colour.require_channels(1)
    with pytest.raises(InputError, match="must have 2 channel"):
        colour.require_channels(2)
    colour.require_channels(3)


def test_planes_of_another_size_are_not_put_back():
    planes = to_planes(np.zeros((8, 9)), "YX")
    with pytest.raises(InputError, match="size of the image"):
        planes.restore(np.zeros((1, 9, 8, 1)))
    with pytest.raises(InputError, match="size of the image"):
        planes.restore(np.zeros((8, 9)))
