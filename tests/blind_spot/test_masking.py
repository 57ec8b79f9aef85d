import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from divnoising_tf.blind_spot.masking import mask_pixels


@settings(max_examples=25, deadline=None)
@given(
    height=st.integers(2, 9),
    width=st.integers(2, 9),
    radius=st.integers(1, 3),
    seed=st.integers(0, 1000),
)
def test_hidden_pixels_show_another_pixel_within_the_radius(height, width, radius, seed):
    numbers = np.arange(3 * height * width, dtype=np.float32).reshape(3, height, width, 1)
    seen, hidden = mask_pixels(numbers, 1.0, radius, (seed, 1))
    assert np.all(hidden == 1)
    image, row, column = np.unravel_index(seen.numpy()[..., 0].astype(int), (3, height, width))
    own_image, own_row, own_column = np.indices((3, height, width))
    np.testing.assert_array_equal(image, own_image)
    distance = np.maximum(abs(row - own_row), abs(column - own_column))
    assert distance.min() == 1
    assert distance.max() <= radius


def test_all_neighbours_are_equally_likely():
    numbers = tf.reshape(tf.range(9.0), (1, 3, 3, 1)) * tf.ones((9000, 1, 1, 1))
    seen, _ = mask_pixels(numbers, 1.0, 1, (0, 0))
    centre = np.bincount(seen[:, 1, 1, 0].numpy().astype(int), minlength=9)
    assert centre[4] == 0
    np.testing.assert_allclose(np.delete(centre, 4), 9000 / 8, rtol=0.15)
    corner = np.bincount(seen[:, 0, 0, 0].numpy().astype(int), minlength=9)
    np.testing.assert_array_equal(np.flatnonzero(corner), [1, 3, 4])


@pytest.mark.parametrize("share", [0.02, 0.3])
def test_share_of_hidden_pixels_and_the_others_untouched(rng, share):
    images = rng.normal(size=(4, 64, 64, 1)).astype(np.float32)
    seen, hidden = mask_pixels(images, share, 2, (0, 0))
    assert np.mean(hidden) == pytest.approx(share, rel=0.2)
    np.testing.assert_array_equal(seen.numpy() != images, hidden.numpy() == 1)


def test_seed_decides(rng):
    images = rng.normal(size=(1, 16, 16, 1)).astype(np.float32)
    first, again, other = (mask_pixels(images, 0.5, 2, (0, seed))[0].numpy() for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert np.any(first != other)


def test_channels_are_hidden_together(rng):
    image = rng.normal(size=(1, 16, 16, 1)).astype(np.float32)
    seen, _ = mask_pixels(np.concatenate([image, 2 * image], -1), 0.5, 2, (0, 0))
    np.testing.assert_array_equal(seen[..., 1], 2 * seen[..., 0])
