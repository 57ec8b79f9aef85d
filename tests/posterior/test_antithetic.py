import numpy as np
import pytest
import tensorflow as tf
from helpers.random_models import MEAN, STANDARD_DEVIATION, random_model

from divnoising_tf import InputError
from divnoising_tf.latent_noise.noise import latent_noise
from divnoising_tf.posterior import RunningMoments


@pytest.fixture(scope="module")
def model():
    return random_model()


@pytest.fixture(scope="module")
def image():
    rng = np.random.default_rng(3)
    return rng.normal(MEAN, STANDARD_DEVIATION, (24, 28)).astype(np.float32)


def _pairs(model, image, n):
    """Samples 0 to n - 1 and their partners, from the definition."""
    context = model.encode(image[np.newaxis, ..., np.newaxis])
    noise = latent_noise(0, tf.range(n), *context[0].shape[1:])
    return [model.decode(context, (sign * noise,)).numpy()[..., 0] for sign in (1, -1)]


@pytest.mark.parametrize("tile_size", [None, 12])
def test_moments_are_those_of_the_pairs(model, image, tile_size):
    pairs = np.stack(_pairs(model, image, 9)).astype(np.float64)
    means = pairs.mean(axis=0)
    variance = means.var(axis=0, ddof=1) + np.mean(((pairs[0] - pairs[1]) / 2) ** 2, axis=0)
    moments = model.posterior(image, tile_size=tile_size).moments(18, antithetic=True)
    assert moments.samples == 18
    np.testing.assert_allclose(moments.mean, means.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(moments.standard_deviation, np.sqrt(variance), rtol=1e-3)


def test_the_mean_settles_sooner_and_the_deviation_stays_right(model, image):
    mean, deviation = model.posterior(image, seed=99).moments(4000)
    plain_error, paired_error = [], []
    for seed in range(4):
        posterior = model.posterior(image, seed=seed)
        plain, paired = posterior.moments(100), posterior.moments(100, antithetic=True)
        plain_error.append(np.mean((plain.mean - mean) ** 2))
        paired_error.append(np.mean((paired.mean - mean) ** 2))
    # without training the decoder is far from linear; trained ones gain more
    assert np.mean(paired_error) < 0.8 * np.mean(plain_error)
    # 50 pairs know the variance of a pixel to 20 %, its mean over some 40 latents to some percent
    ratio = np.sqrt(np.mean(paired.standard_deviation**2) / np.mean(deviation**2))
    assert ratio == pytest.approx(1, abs=0.05)


def test_of_pairs_the_unbiased_variance_is_taken():
    rng = np.random.default_rng(0)
    common, opposite = rng.normal(0, 3, (2, 5, 20_000)) * np.array([1, 2])[:, None, None]
    running = RunningMoments()
    for part in (slice(0, 2), slice(2, 5)):
        running.add(common[part] + opposite[part], common[part] - opposite[part])
    # five pairs are few, their mean over many pixels is not
    assert np.mean(running.standard_deviation**2) == pytest.approx(9 + 36, rel=0.02)


def test_stops_by_the_error_of_pairs(model, image):
    posterior = model.posterior(image)
    moments = posterior.moments(2000, tolerance=0.05, antithetic=True)
    assert moments.samples % 2 == 0
    assert 16 <= moments.samples < 400
    means = np.mean(_pairs(model, image, moments.samples // 2), axis=0, dtype=np.float64)
    error = np.sqrt(np.mean(means.var(axis=0, ddof=1)) / len(means))
    assert error <= 0.05 * np.sqrt(np.mean(moments.standard_deviation**2)) * 1.001


@pytest.mark.parametrize(("n", "reason"), [(2, "at least 4"), (7, "come in pairs"), (4.0, "whole")])
def test_refuses_numbers_that_are_no_pairs(model, image, n, reason):
    with pytest.raises(InputError, match=reason):
        model.posterior(image).moments(n, antithetic=True)
