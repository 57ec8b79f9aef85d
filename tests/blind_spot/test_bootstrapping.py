import numpy as np
import pytest
from helpers.images import smooth_images
from scipy.ndimage import gaussian_filter

from divnoising_tf import InputError
from divnoising_tf.blind_spot.bootstrapping import bootstrap
from divnoising_tf.noise_models import GaussianMixtureNoiseModel, HistogramNoiseModel

GAIN, READ_VARIANCE = 2.0, 30.0


def true_variance(signal):
    return GAIN * signal + READ_VARIANCE


def poisson_gaussian_images(n, size, seed=0):
    """Blobs of 50 to 250 counts; shot noise of gain 2 and read noise of variance 30."""
    rng = np.random.default_rng(seed)
    clean = gaussian_filter(smooth_images(n, size, seed), (0, 2, 2))
    noise = GAIN * rng.poisson(clean / GAIN) - clean
    return clean, clean + noise + rng.normal(0, np.sqrt(READ_VARIANCE), clean.shape)


def middle_signals(clean):
    return np.linspace(*np.quantile(clean, (0.2, 0.9)), 8).astype(np.float32)


@pytest.mark.parametrize("kind", [GaussianMixtureNoiseModel, HistogramNoiseModel])
def test_variance_from_denoised_images_of_the_user(kind):
    clean, noisy = poisson_gaussian_images(8, 96)
    # as from a denoiser with an error of a twentieth of the noise
    denoised = clean + gaussian_filter(noisy - clean, (0, 4, 4))
    result = bootstrap(noisy, denoised, noise_model=kind)
    assert isinstance(result.noise_model, kind)
    assert result.denoiser is None
    np.testing.assert_array_equal(result.denoised, denoised)
    signal = middle_signals(clean)
    np.testing.assert_allclose(result.noise_model.variance(signal), true_variance(signal), rtol=0.1)


def test_variance_from_noisy_images_alone():
    clean, noisy = poisson_gaussian_images(48, 32)
    result = bootstrap(noisy, steps=250, seed=1)
    error = np.mean((result.denoised - clean) ** 2)
    assert error < 0.15 * np.mean((noisy - clean) ** 2)
    signal = middle_signals(clean)
    np.testing.assert_allclose(
        result.noise_model.variance(signal), true_variance(signal), rtol=0.15
    )
    assert result.noise_model.report(result.denoised, noisy).verdict != "bad"
    np.testing.assert_array_equal(result.denoiser.denoise(noisy), result.denoised)


def test_arguments_reach_the_fit():
    clean, noisy = poisson_gaussian_images(2, 64)
    result = bootstrap(noisy, clean, n_components=2, n_coefficients=3)
    assert result.noise_model.coefficients.shape == (6, 3)


def test_one_denoised_image_for_many_shots(rng):
    clean, _ = poisson_gaussian_images(1, 64)
    shots = clean + rng.normal(0, 5, (6, 64, 64))
    result = bootstrap(shots, clean[0], n_components=1)
    np.testing.assert_allclose(result.noise_model.variance([100.0]), 25, rtol=0.1)


@pytest.mark.parametrize(
    ("noisy", "denoised", "reason"),
    [
        (np.zeros((2, 2, 8, 8)), None, "one image or a stack"),
        (np.full((64, 64), 7), None, "equal"),
        (np.arange(4096.0).reshape(64, 64), np.zeros((8, 8)), "constant"),
        (np.full((64, 64), np.nan), None, "NaN"),
        (np.arange(4096.0).reshape(64, 64), np.arange(64.0).reshape(8, 8), "do not match"),
    ],
)
def test_refuses(noisy, denoised, reason):
    with pytest.raises(InputError, match=reason):
        bootstrap(noisy, denoised, steps=1)
