import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.io import imread

from divnoising_tf.errors import InputError
from divnoising_tf.noise_models import GaussianMixtureNoiseModel, pairs_from_images

_RANGE = (50.0, 850.0)


def random_model(seed, n_components=3, n_coefficients=2, **settings):
    random = np.random.default_rng(seed)
    shape = (n_components, n_coefficients)
    coefficients = np.concatenate(
        [random.normal(0, 10, shape), random.normal(5, 1, shape), random.normal(0, 0.7, shape)]
    )
    return GaussianMixtureNoiseModel(_RANGE, n_components, n_coefficients, coefficients, **settings)


def published_density(weight, signal_range, smallest, observation, signal):
    """The density as the code of PN2V and DivNoising writes it, in float64."""
    k = len(weight) // 3
    t = (signal - signal_range[0]) / (signal_range[1] - signal_range[0])
    powers = t ** np.arange(weight.shape[1])[:, np.newaxis]
    mean, alpha = weight[:k] @ powers, np.exp(weight[2 * k :] @ powers)
    variance = np.maximum(np.exp(weight[k : 2 * k]) @ powers, smallest)
    alpha = alpha / alpha.sum(0)
    mean = mean - (alpha * mean).sum(0) + signal
    normal = np.exp(-((observation - mean) ** 2) / 2 / variance) / np.sqrt(2 * np.pi * variance)
    return (alpha * normal).sum(0)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 1000), st.integers(1, 5), st.integers(1, 4))
def test_density_is_the_published_one(seed, n_components, n_coefficients):
    model = random_model(seed, n_components, n_coefficients, min_variance=60.0)
    random = np.random.default_rng(seed)
    signal = random.uniform(*_RANGE, 200)
    observation = signal + random.normal(0, 20, 200)
    expected = published_density(
        model.coefficients.astype(float), _RANGE, 60.0, observation, signal
    )
    np.testing.assert_allclose(model.log_prob(observation, signal), np.log(expected), atol=2e-3)
    by_tfp = model.distribution(tf.constant(signal, tf.float32)).log_prob(
        observation.astype(np.float32)
    )
    np.testing.assert_allclose(model.log_prob(observation, signal), by_tfp, atol=1e-4)


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 1000), st.floats(-500, 3000))
def test_density_integrates_to_one_with_the_signal_as_mean(seed, signal):
    model = random_model(seed)
    deviation = float(np.sqrt(model.variance(signal)))
    x = np.linspace(signal - 14 * deviation, signal + 14 * deviation, 20_001)
    density = np.exp(model.log_prob(x, signal).numpy().astype(float))
    step = x[1] - x[0]
    assert density.sum() * step == pytest.approx(1, abs=1e-3)
    assert (density * (x - signal)).sum() * step == pytest.approx(0, abs=0.01 * deviation)
    assert (density * (x - signal) ** 2).sum() * step == pytest.approx(deviation**2, rel=0.01)
    assert model.mean(signal).numpy() == pytest.approx(signal, abs=0.01)
    np.testing.assert_allclose(model.cdf(x, signal), density.cumsum() * step, atol=2e-3)


def test_far_signals_and_observations_stay_finite():
    model = random_model(0)
    signal = tf.constant([-1e6, -1e4, 0.0, 450.0, 1e4, 1e6])
    with tf.GradientTape() as tape:
        tape.watch(signal)
        log_prob = model.log_prob(tf.reverse(signal, [0]), signal)
    assert np.isfinite(log_prob).all()
    assert np.isfinite(tape.gradient(log_prob, signal)).all()
    variances = model.variance([*_RANGE, -1000.0, 2 * _RANGE[1] - _RANGE[0]]).numpy()
    assert variances[2] == pytest.approx(variances[0], rel=1e-4)
    assert variances[3] > variances[1]


def test_shapes_broadcast():
    model = random_model(1)
    values = np.linspace(90, 110, 12, dtype=np.float32)
    expected = model.log_prob(values, np.full(12, 100.0)).numpy()
    np.testing.assert_allclose(model.log_prob(values, 100.0), expected, rtol=1e-6)
    grid = model.log_prob(values.reshape(3, 4), np.full(4, 100.0))
    np.testing.assert_allclose(grid, expected.reshape(3, 4), rtol=1e-6)
    assert model.log_prob(100.0, values).shape == (12,)


def test_samples_have_the_moments_and_are_seeded():
    model = random_model(2)
    signal = np.repeat([100.0, 400.0, 800.0], 100_000).astype(np.float32)
    sample = model.sample(signal, seed=3).numpy()
    np.testing.assert_array_equal(sample, model.sample(signal, seed=3))
    assert np.mean(sample != model.sample(signal, seed=4).numpy()) > 0.99
    for drawn, s in zip(sample.reshape(3, -1), (100.0, 400.0, 800.0), strict=True):
        variance = float(model.variance(s))
        assert drawn.mean() == pytest.approx(s, abs=5 * np.sqrt(variance / 100_000))
        assert drawn.var() == pytest.approx(variance, rel=0.03)


@pytest.mark.parametrize(("n_components", "n_coefficients"), [(1, 2), (3, 2), (2, 3)])
def test_sample_then_refit_gives_the_same_noise(n_components, n_coefficients):
    truth = random_model(5, n_components, n_coefficients)
    signal = np.random.default_rng(1).uniform(*_RANGE, (400, 500))
    observation = truth.sample(signal, seed=1).numpy()
    fitted = GaussianMixtureNoiseModel.fit(
        signal, observation, n_components, n_coefficients, seed=1
    )
    levels = np.linspace(80, 820, 9)
    np.testing.assert_allclose(fitted.variance(levels), truth.variance(levels), rtol=0.05)
    np.testing.assert_allclose(fitted.mean(levels), levels, rtol=1e-5)
    loss = np.mean(truth.log_prob(observation, signal) - fitted.log_prob(observation, signal))
    assert abs(loss) < 1e-3


def test_fit_finds_noise_that_is_not_gaussian():
    random = np.random.default_rng(0)
    signal = random.uniform(20, 200, (300, 300))
    observation = signal + 8 * (random.exponential(1, signal.shape) - 1)
    one = GaussianMixtureNoiseModel.fit(signal, observation, n_components=1)
    three = GaussianMixtureNoiseModel.fit(signal, observation, n_components=3)
    held_out = signal + 8 * (random.exponential(1, signal.shape) - 1)
    gain = np.mean(three.log_prob(held_out, signal) - one.log_prob(held_out, signal))
    # the entropies of a Gaussian and an exponential of one variance differ by 0.42
    assert 0.25 < gain < 0.42


def test_fit_is_deterministic_and_takes_repeats():
    clean = np.tile(np.linspace(50, 250, 120), (120, 1))
    shots = clean + np.random.default_rng(0).normal(0, 1, (6, 120, 120)) * np.sqrt(clean)
    first = GaussianMixtureNoiseModel.fit_repeats(shots, seed=2)
    second = GaussianMixtureNoiseModel.fit_repeats(shots, seed=2)
    np.testing.assert_array_equal(first.coefficients, second.coefficients)
    levels = np.array([75.0, 150.0, 225.0])
    np.testing.assert_allclose(first.variance(levels), levels, rtol=0.06)


def test_one_percent_of_saturated_pixels_does_not_change_the_fit():
    random = np.random.default_rng(0)
    clean = np.tile(np.linspace(500, 2500, 250), (250, 1))
    noisy = np.rint(clean + random.normal(0, 1, clean.shape) * np.sqrt(clean)).astype(np.uint16)
    stuck = noisy.copy()
    stuck[random.random(clean.shape) < 0.01] = 4095
    before = GaussianMixtureNoiseModel.fit(clean, noisy)
    with pytest.warns(UserWarning, match="saturated"):
        after = GaussianMixtureNoiseModel.fit(clean, stuck)
    levels = np.linspace(600, 2400, 7)
    np.testing.assert_allclose(after.variance(levels), before.variance(levels), rtol=0.02)


def test_a_trainable_mixture_learns_in_a_graph():
    model = GaussianMixtureNoiseModel((0, 100), trainable=True)
    assert len(model.trainable_weights) == 3
    assert not GaussianMixtureNoiseModel((0, 100)).trainable_weights
    optimizer = tf.keras.optimizers.Adam(0.05)
    signal = tf.random.stateless_uniform((4096,), (0, 1), 0, 100)
    observation = signal + 2 * tf.random.stateless_normal((4096,), (0, 2))
    variables = [weight.value for weight in model.trainable_weights]

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            loss = -tf.reduce_mean(model(observation, signal))
        return loss, tape.gradient(loss, variables)

    for _ in range(150):
        _, gradients = step()
        optimizer.apply_gradients(zip(gradients, model.trainable_weights, strict=True))
    np.testing.assert_allclose(model.variance([20.0, 80.0]), 4, rtol=0.15)


def test_from_image_starts_near_the_truth():
    random = np.random.default_rng(0)
    y, x = np.mgrid[:256, :256]
    clean = 300 + 200 * np.sin(x / 25) * np.cos(y / 30)
    noisy = clean + random.normal(0, 1, clean.shape) * np.sqrt(2 * clean + 50)
    model = GaussianMixtureNoiseModel.from_image(noisy, trainable=True)
    levels = np.array([150.0, 300.0, 450.0])
    np.testing.assert_allclose(model.variance(levels), 2 * levels + 50, rtol=0.15)
    assert model.trainable


def test_what_makes_no_mixture_is_refused():
    with pytest.raises(InputError, match="at least one component"):
        GaussianMixtureNoiseModel((0, 1), n_components=0)
    with pytest.raises(InputError, match="do not describe"):
        GaussianMixtureNoiseModel((0, 1), coefficients=np.zeros((9, 3)))
    with pytest.raises(InputError, match="do not describe"):
        GaussianMixtureNoiseModel((0, 1), coefficients=np.full((9, 2), np.nan))
    with pytest.raises(InputError, match="needs a signal range"):
        GaussianMixtureNoiseModel(None)
    with pytest.raises(InputError, match="min_variance"):
        GaussianMixtureNoiseModel((0, 1), min_variance=0.0)


@pytest.mark.data
def test_real_repeats_and_ground_truth_agree(data_folder):
    folder = data_folder / "fmd_testset"
    shots = np.stack([imread(path) for path in sorted(folder.glob("raw_TwoPhoton_BPAE_G_*.png"))])
    truth = imread(folder / "gt_TwoPhoton_BPAE_G.png")
    pairs = pairs_from_images(truth, shots[:3])
    three = GaussianMixtureNoiseModel.fit(pairs)
    by_repeats = GaussianMixtureNoiseModel.fit_repeats(shots)
    levels = np.array([20.0, 40.0, 60.0])
    np.testing.assert_allclose(by_repeats.variance(levels), three.variance(levels), rtol=0.15)
    # 3 components describe real noise better than 1, on a shot they have not seen
    one = GaussianMixtureNoiseModel.fit(pairs, n_components=1)
    assert np.mean(three.log_prob(shots[3], truth)) > np.mean(one.log_prob(shots[3], truth))
