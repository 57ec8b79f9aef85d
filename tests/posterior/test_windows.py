"""Windows cover an image, and what is cut comes back when it is blended."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from divnoising_tf.posterior.windows import Blend, cut_windows, window_grid


def blended(image, side, overlap, change=lambda points: points):
    """Cut, change and blend an image (y, x, channel)."""
    size, channels = image.shape[:2], image.shape[2]
    grid = window_grid(size, side, overlap)
    blend = Blend(grid, size, channels)
    for row in grid.rows:
        band = image[np.newaxis, row : row + grid.height]
        points = cut_windows(band, grid.columns, grid.width)
        blend.add(row, grid.columns, change(points[:, 0]))
    return blend.image()


@settings(deadline=None, max_examples=60)
@given(
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    channels=st.integers(1, 3),
    side=st.integers(1, 12),
    overlap=st.integers(0, 11),
)
def test_what_is_cut_comes_back(height, width, channels, side, overlap):
    overlap = min(overlap, side - 1)
    image = np.random.default_rng(0).normal(100, 20, (height, width, channels)).astype(np.float32)
    np.testing.assert_allclose(blended(image, side, overlap), image, rtol=1e-6)


def test_last_windows_end_with_the_image():
    grid = window_grid((512, 25), side=10, overlap=3)
    assert grid.rows[:3].tolist() == [0, 7, 14]
    assert grid.rows[-2:].tolist() == [497, 502]
    assert grid.columns.tolist() == [0, 7, 14, 15]


def test_middles_are_kept_and_overlaps_change_evenly():
    # two windows side by side, of value 0 and 8
    def numbered(points):
        return np.repeat([[0.0], [8.0]], points.shape[1], axis=1)

    line = blended(np.zeros((10, 17, 1), np.float32), 10, 3, numbered)[4, :, 0]
    np.testing.assert_allclose(line, [0] * 7 + [2, 4, 6] + [8] * 7)


@pytest.mark.parametrize("size", [(10, 10), (3, 7), (1, 1)])
def test_a_small_image_is_one_window(size):
    grid = window_grid(size, side=10, overlap=3)
    assert (grid.height, grid.width) == size
    assert grid.rows.tolist() == grid.columns.tolist() == [0]


def test_pixels_and_channels_of_a_window_stay_together():
    band = np.arange(2 * 3 * 5 * 2.0).reshape(2, 3, 5, 2)
    points = cut_windows(band, np.array([0, 2]), width=3)
    np.testing.assert_array_equal(points[1, 0], band[0, :, 2:5].ravel())
