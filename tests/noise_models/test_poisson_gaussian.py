import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm, poisson
from skimage.io import imread

from divnoising_tf.errors import InputError
from divnoising_tf.noise_models import PoissonGaussianNoiseModel

_GAINS = st.floats(0.3, 20)


def clean_image(size=256):
    y, x = np.mgrid[:size, :size]
    return (400 + 250 * np.sin(x / 25) * np.cos(y / 30)).astype(np.float32)


def moments(model, signal, deviation):
    x = np.linspace(signal - 14 * deviation, signal + 14 * deviation, 40_001)
    density = np.exp(model.log_prob(x, signal).numpy().astype(float)) * (x[1] - x[0])
    return density.sum(), (density * x).sum(), (density * (x - signal) ** 2).sum()


@settings(deadline=None, max_examples=15)
@given(
    _GAINS,
    st.floats(0, 100),
    st.floats(0.1, 3),
    st.floats(0, 900),
    st.sampled_from(["normal", "exact"]),
)
def test_density_integrates_to_one_with_the_right_moments(gain, offset, noise, photons, density):
    model = PoissonGaussianNoiseModel(gain, offset, (noise * gain) ** 2, density)
    signal = offset + gain * photons
    expected = gain**2 * (photons + noise**2)
    total, mean, variance = moments(model, signal, np.sqrt(expected) + gain)
    assert total == pytest.approx(1, abs=1e-3)
    assert mean == pytest.approx(signal, abs=0.01 * np.sqrt(expected) + 1e-4 * signal)
    assert variance == pytest.approx(expected, rel=0.02)
    assert float(model.variance(signal)) == pytest.approx(expected, rel=1e-3)


def test_exact_density_is_the_sum_over_photons():
    model = PoissonGaussianNoiseModel(3.0, 10.0, 4.0, "exact")
    x = np.linspace(-5, 60, 300)
    photons = np.arange(100)[:, np.newaxis]
    for expected_photons in (0.0, 0.3, 5.0):
        parts = poisson.pmf(photons, expected_photons) * norm.pdf(x, 10 + 3 * photons, 2)
        density = np.exp(model.log_prob(x, 10 + 3 * expected_photons).numpy())
        np.testing.assert_allclose(density, parts.sum(0), atol=1e-6)
        parts = poisson.pmf(photons, expected_photons) * norm.cdf(x, 10 + 3 * photons, 2)
        cdf = model.cdf(x, 10 + 3 * expected_photons)
        np.testing.assert_allclose(cdf, parts.sum(0), atol=1e-5)


def test_densities_agree_where_photons_are_many():
    exact = PoissonGaussianNoiseModel(2.0, 0.0, 9.0, "exact")
    normal = PoissonGaussianNoiseModel(2.0, 0.0, 9.0)
    for signal in (700.0, 900.0):
        x = np.linspace(signal - 80, signal + 80, 50)
        np.testing.assert_allclose(exact.log_prob(x, signal), normal.log_prob(x, signal), atol=0.12)


def test_samples_are_photons_and_read_noise():
    model = PoissonGaussianNoiseModel(5.0, 100.0, 0.25)
    signal = np.repeat([90.0, 100.0, 105.0, 1100.0], 100_000).astype(np.float32)
    sample = model.sample(signal, seed=1).numpy().reshape(4, -1)
    np.testing.assert_array_equal(sample.ravel(), model.sample(signal, seed=1))
    np.testing.assert_allclose(sample.mean(1), [90, 100, 105, 1100], atol=0.6)
    np.testing.assert_allclose(sample.var(1), [0.25, 0.25, 25.25, 5000.25], rtol=0.03)
    # one photon expected: none in 37 % of the pixels, and 5 counts for each
    photons = (sample[2] - 100) / 5
    assert np.mean(np.abs(photons) < 0.5) == pytest.approx(np.exp(-1), abs=0.01)
    assert (photons - np.rint(photons)).std() == pytest.approx(0.1, rel=0.02)


@settings(deadline=None, max_examples=5)
@given(_GAINS, st.floats(0, 200), st.floats(1, 10), st.integers(0, 100))
def test_sample_then_refit_gives_the_same_parameters(gain, offset, noise, seed):
    truth = PoissonGaussianNoiseModel(gain, offset, (noise * gain) ** 2)
    photons = np.random.default_rng(seed).uniform(0, 200, (400, 400))
    signal = offset + gain * photons
    fitted = PoissonGaussianNoiseModel.fit(signal, truth.sample(signal, seed), offset=offset)
    assert fitted.gain == pytest.approx(gain, rel=0.03)
    # at a low read noise, its error is that of the photons' variance
    assert fitted.read_noise_variance == pytest.approx(
        truth.read_noise_variance, rel=0.05, abs=0.6 * gain**2
    )
    assert fitted.offset == offset


def test_unknown_offset_gives_the_same_variance():
    truth = PoissonGaussianNoiseModel(4.0, 100.0, 2.0)
    signal = np.random.default_rng(0).uniform(105, 900, (300, 300))
    observation = truth.sample(signal, seed=0).numpy()
    fitted = PoissonGaussianNoiseModel.fit(signal, observation)
    assert fitted.offset == pytest.approx(100, abs=5)
    levels = np.array([150.0, 400.0, 800.0])
    np.testing.assert_allclose(fitted.variance(levels), truth.variance(levels), rtol=0.03)


def test_repeats_give_the_same_parameters():
    truth = PoissonGaussianNoiseModel(2.0, 100.0, 50.0)
    shots = truth.sample(np.stack([clean_image()] * 5), seed=0).numpy()
    fitted = PoissonGaussianNoiseModel.fit_repeats(shots, offset=100.0)
    assert fitted.gain == pytest.approx(2, rel=0.03)


@pytest.mark.parametrize(("gain", "read"), [(0.5, 50.0), (4.0, 25.0), (20.0, 400.0)])
def test_one_noisy_image_tells_its_noise(gain, read):
    truth = PoissonGaussianNoiseModel(gain, 100.0, read)
    estimate = PoissonGaussianNoiseModel.from_image(
        truth.sample(clean_image(512), seed=0), offset=100.0
    )
    levels = np.array([200.0, 400.0, 600.0])
    np.testing.assert_allclose(estimate.variance(levels), truth.variance(levels), rtol=0.1)
    assert estimate.signal_range is not None


def test_gain_and_read_noise_are_learned_but_not_the_offset():
    model = PoissonGaussianNoiseModel(2.0, 100.0, 9.0, trainable=True)
    assert sorted(weight.name for weight in model.trainable_weights) == [
        "log_gain",
        "log_read_noise",
    ]
    variables = [weight.value for weight in model.trainable_weights]
    for density in ("normal", "exact"):
        model.density = density
        with tf.GradientTape() as tape:
            signal = tf.constant([90.0, 100.0, 101.0, 150.0, 2000.0])
            tape.watch(signal)
            loss = tf.reduce_sum(tf.function(model.log_prob)(signal + 3, signal))
        gradients = tape.gradient(loss, [*variables, signal])
        assert all(np.isfinite(gradient).all() for gradient in gradients)
        assert all(np.abs(gradient).sum() > 0 for gradient in gradients)


@pytest.mark.parametrize(
    "arguments",
    [
        {"gain": 0.0},
        {"gain": np.nan},
        {"gain": 1.0, "read_noise_variance": -1.0},
        {"gain": 1.0, "offset": np.inf},
        {"gain": 1.0, "density": "poisson"},
    ],
)
def test_parameters_without_meaning_are_refused(arguments):
    with pytest.raises(InputError):
        PoissonGaussianNoiseModel(**arguments)


@pytest.mark.data
def test_real_shots_alone_tell_nearly_what_their_repeats_tell(data_folder):
    folder = data_folder / "fmd_testset"
    shots = np.stack([imread(path) for path in sorted(folder.glob("raw_TwoPhoton_BPAE_G_*.png"))])
    by_repeats = PoissonGaussianNoiseModel.fit_repeats(shots)
    by_images = PoissonGaussianNoiseModel.from_image(shots)
    levels = np.array([20.0, 40.0, 60.0])
    np.testing.assert_allclose(by_images.variance(levels), by_repeats.variance(levels), rtol=0.2)
