import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from divnoising_tf.errors import InputError
from divnoising_tf.noise_models import GaussianNoiseModel, HistogramNoiseModel


def random_model(seed, levels=5, bins=40, **settings):
    masses = np.random.default_rng(seed).gamma(0.5, size=(levels, bins)) + 1e-6
    return HistogramNoiseModel((100, 300), (0, 400), masses, **settings)


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 1000), st.floats(0, 500))
def test_density_integrates_to_one_and_matches_cdf_and_moments(seed, signal):
    model = random_model(seed)
    # the middles of fine steps, so that no bin's edge is hit
    x = (np.arange(-20_000, 30_000) + 0.5) * 0.05
    density = np.exp(model.log_prob(x, signal).numpy().astype(float)) * 0.05
    # the shift of signals out of range moves edges into the steps
    assert density.sum() == pytest.approx(1, abs=2e-3)
    mean, variance = float(model.mean(signal)), float(model.variance(signal))
    assert (density * x).sum() == pytest.approx(mean, abs=0.5)
    assert (density * (x - mean) ** 2).sum() == pytest.approx(variance, rel=0.01)
    np.testing.assert_allclose(model.cdf(x + 0.025, signal), density.cumsum(), atol=2e-3)


def test_tails_fall_and_stay_finite():
    model = random_model(0)
    log_prob = model.log_prob(np.array([-1e5, -1e3, -1.0, 401.0, 1e3, 1e5]), 200.0).numpy()
    assert np.isfinite(log_prob).all()
    assert log_prob[0] < log_prob[1] < log_prob[2]
    assert log_prob[3] > log_prob[4] > log_prob[5]
    assert model.cdf(-1e5, 200.0).numpy() == pytest.approx(0, abs=1e-6)
    assert model.cdf(1e5, 200.0).numpy() == pytest.approx(1, abs=1e-5)


def test_samples_follow_the_histogram_and_are_seeded():
    model = random_model(1)
    signal = np.repeat([80.0, 120.0, 275.0, 310.0], 100_000).astype(np.float32)
    sample = model.sample(signal, seed=5).numpy()
    np.testing.assert_array_equal(sample, model.sample(signal, seed=5))
    for drawn, s in zip(sample.reshape(4, -1), (80.0, 120.0, 275.0, 310.0), strict=True):
        deviation = float(np.sqrt(model.variance(s)))
        assert drawn.mean() == pytest.approx(float(model.mean(s)), abs=0.02 * deviation)
        assert drawn.std() == pytest.approx(deviation, rel=0.02)
        quantiles = np.quantile(drawn, [0.1, 0.5, 0.9])
        np.testing.assert_allclose(model.cdf(quantiles, s), [0.1, 0.5, 0.9], atol=0.01)


def test_gradient_by_the_signal_is_that_between_levels():
    model = random_model(2)
    signal = tf.constant([110.0, 160.0, 270.0])
    observation = tf.constant([95.0, 205.0, 333.0])
    with tf.GradientTape() as tape:
        tape.watch(signal)
        log_prob = tf.reduce_sum(tf.function(model.log_prob)(observation, signal))
    numeric = (
        model.log_prob(observation, signal + 1) - model.log_prob(observation, signal - 1)
    ) / 2
    gradient = tape.gradient(log_prob, signal)
    assert np.abs(gradient).min() > 1e-4
    np.testing.assert_allclose(gradient, numeric, rtol=0.05)


def test_fit_finds_the_noise(rng):
    signal = np.tile(np.linspace(50, 250, 400), (500, 1))
    noisy = np.rint(signal + rng.normal(0, 1, signal.shape) * np.sqrt(signal)).astype(np.int32)
    model = HistogramNoiseModel.fit(signal, noisy)
    levels = np.array([75.0, 150.0, 225.0])
    np.testing.assert_allclose(model.mean(levels), levels, atol=0.6)
    np.testing.assert_allclose(model.variance(levels), levels, rtol=0.08)
    # edges lie between whole numbers
    assert model.observation_range[0] % 1 == 0.5
    held_out = signal + rng.normal(0, 1, signal.shape) * np.sqrt(signal)
    expected = np.mean(-0.5 * np.log(2 * np.pi * signal) - (held_out - signal) ** 2 / 2 / signal)
    assert np.mean(model.log_prob(held_out, signal)) == pytest.approx(expected, abs=0.02)
    plain = GaussianNoiseModel.fit(signal, noisy)
    assert np.mean(model.log_prob(held_out, signal)) > np.mean(plain.log_prob(held_out, signal))


def test_fit_takes_repeats_and_few_pixels(rng):
    clean = np.tile(np.linspace(50, 250, 50), (50, 1))
    shots = clean + rng.normal(0, 6, (4, 50, 50))
    model = HistogramNoiseModel.fit_repeats(shots, n_bins=64)
    np.testing.assert_allclose(model.variance([100.0, 150.0, 200.0]), 36, rtol=0.25)


def test_masses_can_be_learned():
    model = random_model(3, trainable=True)
    (weight,) = model.trainable_weights
    with tf.GradientTape() as tape:
        loss = model.log_prob(95.0, 160.0)
    assert np.abs(tape.gradient(loss, weight.value)).max() > 0.1
    np.testing.assert_allclose(model.masses.sum(1), 1, rtol=1e-5)


@pytest.mark.parametrize(
    "masses", [np.ones(5), np.ones((1, 5)), np.zeros((3, 5)), np.full((3, 5), np.nan)]
)
def test_masses_that_are_no_probabilities_are_refused(masses):
    with pytest.raises(InputError, match="positive probabilities"):
        HistogramNoiseModel((0, 1), (0, 1), masses)


def test_too_few_levels_are_refused():
    with pytest.raises(InputError, match="two signal levels"):
        HistogramNoiseModel.fit(np.eye(3), np.eye(3), n_levels=1)
