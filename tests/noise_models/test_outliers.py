"""Hot pixels and cosmic rays are found, and what is structure or noise is not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from divnoising_tf.noise_models import (
    ChannelwiseNoiseModel,
    GaussianNoiseModel,
    PoissonGaussianNoiseModel,
)
from divnoising_tf.noise_models.outliers import noise_bounds, outliers, pixel_bounds, unbounded
from divnoising_tf.noise_models.robust_statistics import RobustStatistics

_BOUNDS = np.float32([[0.0], [400.0]])


def _measured(images, bounds=_BOUNDS):
    statistics = RobustStatistics(images.shape[-1], bounds)
    for batch in np.array_split(images, 2):
        statistics.add(batch)
    return statistics.measured()


def _noise(rng, size=64, n=8, channels=1):
    return rng.normal(100, 15, (n, size, size, channels)).astype(np.float32)


def test_bounds_of_a_noise_model_are_its_signals_and_the_tails_of_its_noise():
    noise = PoissonGaussianNoiseModel(2.0, 100.0, 16.0, signal_range=(100.0, 900.0))
    low, high = noise_bounds(noise, 1)[:, 0]
    assert low == pytest.approx(100 - 10 * 4)
    assert high == pytest.approx(900 + 10 * np.sqrt(2 * 800 + 16))
    assert noise_bounds(GaussianNoiseModel(5.0), 1) is None


def test_channels_have_bounds_of_their_own():
    models = [GaussianNoiseModel(5.0, signal_range=(0, high)) for high in (100, 900)]
    np.testing.assert_allclose(
        noise_bounds(ChannelwiseNoiseModel(models), 2), [[-50, -50], [150, 950]]
    )


@pytest.mark.parametrize("bounds", [_BOUNDS, None])
def test_statistics_of_clean_images_are_those_of_all_pixels_to_the_digit(rng, bounds):
    images = _noise(rng)
    pixels = images.reshape(2, -1).astype(np.float64)
    mean = pixels.sum(axis=1).sum() / pixels.size
    squares = np.square(pixels).sum(axis=1).sum() / pixels.size
    found = _measured(images, bounds)
    assert found.outliers is None
    assert np.float32(found.mean[0]) == np.float32(mean)
    assert np.float32(found.standard_deviation[0]) == np.float32(np.sqrt(squares - mean**2))


@pytest.mark.parametrize("bounds", [_BOUNDS, None])
@pytest.mark.parametrize("value", [65535, 1e30, -1e6])
def test_hot_pixels_do_not_move_the_statistics(rng, bounds, value):
    images = _noise(rng)
    clean = _measured(images, bounds)
    hot = rng.random(images.shape) < 1e-3
    images[hot] = value
    found = _measured(images, bounds)
    assert found.outliers.number == hot.sum()
    assert found.outliers.highest == np.float32(value)
    np.testing.assert_allclose(found.mean, clean.mean, rtol=1e-3)
    np.testing.assert_allclose(found.standard_deviation, clean.standard_deviation, rtol=1e-3)
    assert np.abs(found.bounds).max() < 1000


@pytest.mark.parametrize("bounds", [_BOUNDS, None])
def test_structure_brighter_than_the_noise_model_knows_widens_the_bounds(rng, bounds):
    y, x = np.mgrid[:64, :64]
    bead = 3000 * np.exp(-((y - 30.3) ** 2 + (x - 20.6) ** 2) / 2)
    images = _noise(rng) + bead[np.newaxis, :, :, np.newaxis].astype(np.float32)
    found = _measured(images, bounds)
    assert found.outliers is None
    assert found.bounds[1, 0] > images.max()
    # and a hot pixel beside it is still one
    images[0, 3, 60] = 65535
    assert _measured(images, bounds).outliers.number == 1


def test_a_track_of_a_cosmic_ray_is_no_structure(rng):
    images = _noise(rng, size=128)
    for step in range(12):
        images[3, 40 + step, 70 + step // 2] = 50_000
    images[5, 0, :4] = 60_000
    found = _measured(images)
    assert found.outliers.number == 16
    assert found.bounds[1, 0] == 400


def test_few_photons_are_not_outliers(rng):
    for rate in (0.005, 0.02, 0.05, 0.5):
        images = rng.poisson(rate, (8, 64, 64, 1)).astype(np.uint16)
        assert _measured(images, None).outliers is None, rate


def test_infinity_is_not_taken_for_a_hot_pixel(rng):
    images = _noise(rng)
    images[0, 3, 3] = np.inf
    assert not np.isfinite(_measured(images).mean).all()


@settings(deadline=None, max_examples=30)
@given(st.floats(0.01, 1e6), st.floats(-1e5, 1e5), st.integers(0, 99))
def test_gaussian_pixels_of_any_scale_are_within_their_bounds(scale, offset, seed):
    pixels = np.random.default_rng(seed).normal(offset, scale, (1, 64, 64, 1))
    low, high = pixel_bounds(pixels)[:, 0]
    assert low < pixels.min()
    assert high > pixels.max()
    assert high - low < 50 * scale


def test_outliers_of_an_image_are_counted_with_their_values():
    image = np.full((4, 5, 2), 100, np.uint16)
    bounds = np.float32([[50, 50], [900, 200]])
    assert outliers(image, bounds) is None
    image[0, 0, 0], image[1, 2, 1], image[3, 3, 1] = 10, 300, 65535
    found = outliers(image, bounds)
    assert found == (3, 40, 10.0, 65535.0)
    assert str(found) == "3 of 40 pixels (10 to 65535 counts)"
    assert outliers(image, unbounded(2)) is None
