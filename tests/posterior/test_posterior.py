import itertools

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from divnoising_tf import DivNoising, GaussianNoiseModel, InputError
from divnoising_tf.latent_noise.noise import latent_noise
from divnoising_tf.models.padding import pad_to_multiple


@pytest.fixture(scope="module")
def model():
    tf.random.set_seed(0)
    return DivNoising(
        GaussianNoiseModel(5.0),
        depth=2,
        latent_channels=4,
        base_channels=4,
        data_mean=100.0,
        data_standard_deviation=20.0,
    )


@pytest.fixture
def image(rng):
    return rng.normal(100, 20, (21, 30)).astype(np.float32)


def test_sample_is_the_decoded_latent(model, image):
    normalised = (image[np.newaxis, ..., np.newaxis] - 100) / 20
    mean, log_variance = model.encoder(pad_to_multiple(normalised, 4))
    noise = latent_noise(7, 2, mean.shape[1], mean.shape[2], 4)
    signal = 100 + 20 * model.decoder(mean + tf.exp(0.5 * log_variance) * noise)
    expected = signal[0, :21, :30, 0]
    sample = model.posterior(image, seed=7).sample(3)[2]
    np.testing.assert_allclose(sample, expected, atol=1e-3)


def test_same_seed_same_samples_however_they_are_asked_for(model, image):
    samples = model.posterior(image, seed=1).sample(20)
    np.testing.assert_allclose(model.posterior(image, seed=1).sample(3), samples[:3], atol=1e-3)
    streamed = np.stack(list(itertools.islice(model.posterior(image, seed=1), 3)))
    np.testing.assert_allclose(streamed, samples[:3], atol=1e-3)
    assert not np.allclose(model.posterior(image, seed=2).sample(3), samples[:3], atol=0.1)


def test_samples_differ_from_each_other(model, image):
    first, second = model.posterior(image).sample(2)
    assert np.std(first - second) > 0.01


def test_seed_of_the_image_makes_frames_differ_and_equal_images_agree(model, image):
    stack = np.stack([image, image, image + 1])
    same, again, other = model.posterior(stack, seed=None).sample(1)[0]
    np.testing.assert_array_equal(same, again)
    assert not np.allclose(same, other - 1, atol=0.1)


def test_planes_of_a_stack_do_not_share_their_noise(model, image):
    first, second = model.posterior(np.stack([image, image]), seed=3).sample(1)[0]
    assert not np.allclose(first, second, atol=0.1)
    np.testing.assert_allclose(first, model.posterior(image, seed=3).sample(1)[0], atol=1e-3)


def test_moments_are_those_of_the_samples(model, image):
    posterior = model.posterior(image)
    samples = posterior.sample(37).astype(np.float64)
    mean, deviation = posterior.moments(37)
    np.testing.assert_allclose(mean, samples.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(deviation, samples.std(axis=0, ddof=1), rtol=1e-3, atol=1e-4)


@settings(deadline=None, max_examples=12)
@given(height=st.integers(1, 19), width=st.integers(1, 19))
def test_any_size(model, height, width):
    mean, deviation = model.posterior(np.full((height, width), 100.0)).moments(2)
    assert mean.shape == deviation.shape == (height, width)
    assert np.all(np.isfinite(mean))


@pytest.mark.parametrize(
    ("shape", "axes"), [((9, 13), "YX"), ((3, 9, 13), "TYX"), ((2, 3, 9, 13), "TZYX")]
)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float64, np.int32])
def test_results_have_the_image_s_axes(model, shape, axes, dtype):
    posterior = model.posterior(np.full(shape, 100, dtype), axes=axes)
    assert posterior.sample(2).shape == (2, *shape)
    assert posterior.moments(2).mean.shape == shape
    assert posterior.sample(1).dtype == np.float32


def test_transposed_axes_give_transposed_planes(model, rng):
    stack = rng.normal(100, 20, (2, 8, 12)).astype(np.float32)
    expected = model.posterior(stack, axes="TYX").sample(1)
    turned = model.posterior(np.moveaxis(stack, 0, 2), axes="YXT").sample(1)
    np.testing.assert_allclose(np.moveaxis(turned, 3, 1), expected, atol=1e-3)


def test_generated_images_are_the_decoded_noise(model):
    images = model.generate((10, 15), n=3, seed=5)
    assert images.shape == (3, 10, 15)
    latents = tf.stack([latent_noise(5, k, 3, 4, 4) for k in range(3)])
    np.testing.assert_allclose(images, 100 + 20 * model.decoder(latents)[:, :10, :15, 0], atol=1e-3)
    np.testing.assert_allclose(
        model.posterior(np.zeros((10, 15)), seed=5).sample_prior(3), images, atol=1e-3
    )


@pytest.mark.parametrize(
    ("image", "axes", "reason"),
    [
        (np.full((8, 8), np.nan), None, "NaN or infinite"),
        (np.full((8, 8), np.inf), None, "NaN or infinite"),
        (np.zeros((8,)), None, "not an image"),
        (np.zeros((0, 8)), None, "no pixels"),
        (np.zeros((8, 8), complex), None, "not real numbers"),
        (np.array([["a", "b"]]), None, "real numbers"),
        (np.zeros((2, 3, 8, 8)), None, "axes"),
        (np.zeros((8, 8)), "TYX", "axes"),
        (np.zeros((3, 8, 8)), "CYX", "channel"),
        (np.zeros((8, 8, 3)), "YXC", "RGB"),
    ],
)
def test_refuses_images(model, image, axes, reason):
    with pytest.raises(InputError, match=reason):
        model.posterior(image, axes=axes)


@pytest.mark.parametrize("n", [0, -1, 1.5, True, "3"])
def test_refuses_numbers_of_samples(model, image, n):
    with pytest.raises(InputError, match="whole number"):
        model.posterior(image).sample(n)
    with pytest.raises(InputError, match="whole number"):
        model.posterior(image).moments(n)


def test_refuses_an_untrained_model(image):
    with pytest.raises(InputError, match="not been trained"):
        DivNoising(GaussianNoiseModel(5.0)).posterior(image)
