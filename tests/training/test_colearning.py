"""The noise model learned together with the VAE, from noisy images alone."""

import keras
import numpy as np
import pytest
from helpers.images import smooth_images

from divnoising_tf import DivNoising, GaussianMixtureNoiseModel, GaussianNoiseModel


def train(noise_model, noisy, epochs=40):
    keras.utils.set_random_seed(0)
    model = DivNoising(noise_model, latent_channels=16, base_channels=16)
    model.compile(optimizer=keras.optimizers.Adam(2e-3))
    model.fit(noisy[..., np.newaxis], batch_size=16, epochs=epochs, verbose=0)


@pytest.mark.slow
@pytest.mark.parametrize("start", ["estimate", 20.0])
def test_gaussian_noise_comes_back(start):
    truth = smooth_images(256)
    noisy = (truth + np.random.default_rng(1).normal(0, 15, truth.shape)).astype(np.float32)
    if start == "estimate":
        noise_model = GaussianNoiseModel.from_image(noisy, trainable=True)
    else:
        noise_model = GaussianNoiseModel(start, trainable=True)
    train(noise_model, noisy)
    assert noise_model.standard_deviation == pytest.approx(15, rel=0.1)


@pytest.mark.slow
def test_signal_dependent_noise_comes_back():
    truth = smooth_images(256)
    deviation = np.sqrt(truth)
    noisy = np.random.default_rng(1).normal(truth, deviation).astype(np.float32)
    noise_model = GaussianMixtureNoiseModel.from_image(noisy, trainable=True)
    before = noise_model.coefficients
    train(noise_model, noisy, epochs=180)
    assert not np.allclose(before, noise_model.coefficients)
    # where nine tenths of the pixels lie
    signals = np.percentile(truth, (5, 50, 95)).astype(np.float32)
    learned = np.sqrt(noise_model.variance(signals).numpy())
    np.testing.assert_allclose(learned, np.sqrt(signals), rtol=0.1)
