"""Samples of every family: from their definition, in tiles, in pairs, from the prior."""

import itertools

import numpy as np
import pytest
from helpers.random_models import STANDARD_DEVIATION
from hypothesis import given, settings
from hypothesis import strategies as st

from divnoising_tf.models.latent_metrics import active_latent_channels


def test_a_sample_is_decoded_from_the_noise_of_its_levels(model, noisy, noises_of):
    image = noisy(21, 30)
    context = model.encode(image[np.newaxis, ..., np.newaxis])
    expected = model.decode(context, noises_of(model, 7, 2, (21, 30)))[0, :21, :30, 0]
    sample = model.posterior(image, seed=7).sample(3)[2]
    np.testing.assert_allclose(sample, expected, atol=1e-3)


@pytest.mark.parametrize("tile_size", [24, 38, 64])
def test_samples_of_tiles_are_those_of_the_whole(model, noisy, tile_size):
    image = noisy(133, 101)
    whole = model.posterior(image, seed=1).sample(2)
    tiled = model.posterior(image, seed=1, tile_size=tile_size).sample(2)
    assert np.abs(tiled - whole).max() <= 1e-4 * whole.std()
    assert np.std(whole[0] - whole[1]) > 0.1


@settings(deadline=None, max_examples=8)
@given(height=st.integers(1, 60), width=st.integers(1, 60), tile_size=st.integers(4, 50))
def test_images_and_tiles_of_any_size(model, noisy, height, width, tile_size):
    image = noisy(height, width)
    whole = model.posterior(image).sample(1)
    tiled = model.posterior(image, tile_size=max(tile_size, min(height, width) // 4)).sample(1)
    np.testing.assert_allclose(tiled, whole, atol=1e-4 * STANDARD_DEVIATION)


def test_moments_of_pairs_are_of_opposite_noise(model, noisy, noises_of):
    image = noisy(16, 20)
    context = model.encode(image[np.newaxis, ..., np.newaxis])
    noises = [noises_of(model, 0, k, (16, 20)) for k in range(3)]
    pairs = [
        np.mean(
            [
                model.decode(context, tuple(sign * one for one in levels))[0, :16, :20, 0]
                for sign in (1, -1)
            ],
            axis=0,
        )
        for levels in noises
    ]
    moments = model.posterior(image).moments(6, antithetic=True)
    np.testing.assert_allclose(moments.mean, np.mean(pairs, axis=0), atol=1e-3)


def test_a_stack_in_tiles_has_the_moments_mode_and_clusters_of_the_whole(model, noisy):
    stack = noisy(2, 50, 41)
    whole = model.posterior(stack, seed=4)
    tiled = model.posterior(stack, seed=4, tile_size=20)
    for one, other in zip(tiled.moments(12), whole.moments(12), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4 * STANDARD_DEVIATION)
    for one, other in zip(itertools.islice(tiled, 2), whole.sample(2), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4 * STANDARD_DEVIATION)
    np.testing.assert_allclose(tiled.mode(8), whole.mode(8), atol=1e-2 * STANDARD_DEVIATION)
    region = slice(8, 20), slice(30, 40)
    clusters = [one.clusters(*region, n=30).images for one in (tiled, whole)]
    np.testing.assert_allclose(*clusters, atol=1e-2 * STANDARD_DEVIATION)


def test_augmented_posteriors_average_the_orientations(model, noisy):
    mean = model.posterior(noisy(20, 28)).augmented().moments(16).mean
    assert mean.shape == (20, 28)
    assert np.all(np.isfinite(mean))


def test_images_of_the_prior_are_decoded_from_noise_alone(model, noises_of):
    images = model.generate((10, 15), n=3, seed=5)
    assert images.shape == (3, 10, 15)
    for k, image in enumerate(images):
        expected = model.generate_from(noises_of(model, 5, k, (10, 15)))[0, :10, :15, 0]
        np.testing.assert_allclose(image, expected, atol=1e-3)
    assert np.std(images[0] - images[1]) > 0.1


def test_channels_that_carry_information_are_counted_over_all_levels(model, noisy):
    channels = sum(grid.channels for grid in model.levels)
    images = noisy(2, 24, 24, 1)
    assert 0 < active_latent_channels(model, images) <= channels
    assert active_latent_channels(model, images, threshold=1e6) == 0
