import numpy as np
import pytest
from helpers.random_models import random_model
from scipy.ndimage import gaussian_filter

from divnoising_tf import (
    ChannelwiseNoiseModel,
    GaussianMixtureNoiseModel,
    GaussianNoiseModel,
    InputError,
    PoissonGaussianNoiseModel,
)
from divnoising_tf.evaluation import predictive_check
from experiments.gaussian_images import GaussianImages

_N = 40
_IMAGES = GaussianImages()


def _names(check):
    return {one.statistic.name for one in check.wrong}


@pytest.fixture
def signal(rng):
    return _IMAGES.signal(rng)


@pytest.fixture
def observation(signal, rng):
    return _IMAGES.observation(signal, rng)


def test_the_right_posterior_and_noise_model_pass_on_every_image():
    # twice the mean of the p-values is at most as often below 0.05 as 1 in 20
    noise = GaussianNoiseModel(_IMAGES.noise)
    for seed in range(4):
        rng = np.random.default_rng(seed)
        observation = _IMAGES.observation(_IMAGES.signal(rng), rng)
        check = predictive_check(_IMAGES.samples(observation, _N, rng), observation, noise)
        assert check.consistent, str(check)
        assert check.wrong == ()
        assert "looks like those" in check.verdict
        strength = check.findings[1]
        # of 48 x 48 independent pixels
        assert strength.observed == pytest.approx(1, abs=4 / np.sqrt(2 * 48**2))
        assert strength.chance == pytest.approx(1 / np.sqrt(2 * 48**2), rel=0.4)


@pytest.mark.parametrize(
    ("factor", "words"), [(1.3, "weaker than the noise model"), (1 / 1.3, "stronger than")]
)
def test_noise_that_is_off_by_30_percent_is_found(observation, rng, factor, words):
    assumed = factor * _IMAGES.noise
    samples = _IMAGES.samples(observation, _N, rng, assumed)
    check = predictive_check(samples, observation, GaussianNoiseModel(assumed))
    assert not check.consistent
    assert "strength of the residual" in _names(check)
    assert words in check.verdict
    assert check.p_value == pytest.approx(2 / (_N + 1))
    # the samples were drawn for that noise: only where the signal is weak does it show
    assert check.findings[1].observed == pytest.approx(1 / factor, rel=0.08)


def test_a_blurred_signal_is_found_and_is_not_taken_for_noise(observation, rng):
    noise = GaussianNoiseModel(_IMAGES.noise)
    samples = _IMAGES.samples(observation, _N, rng)
    blurred = np.stack([gaussian_filter(one, 3, mode="wrap") for one in samples])
    check = predictive_check(blurred, observation, noise)
    assert not check.consistent
    assert {"correlation along rows", "correlation along columns"} <= _names(check)
    assert "too smooth" in check.verdict
    # it is told from noise that is too weak, which has no correlation
    weak = predictive_check(samples, observation, GaussianNoiseModel(_IMAGES.noise / 1.3))
    assert "too smooth" not in weak.verdict
    assert max(weak.findings[4].observed, weak.findings[5].observed) < 0.05
    assert min(check.findings[4].observed, check.findings[5].observed) > 0.05


def test_noise_that_depends_on_the_signal_otherwise_is_found(signal, rng):
    # the truth as every sample: a posterior of no width, its noise exactly the noise model's
    right = PoissonGaussianNoiseModel(gain=2.0, read_noise_variance=9.0)
    observation = np.asarray(right.sample(signal, seed=1))
    flat = GaussianNoiseModel(float(np.sqrt(np.mean(right.variance(signal)))))
    assert predictive_check([signal] * _N, observation, right).consistent
    check = predictive_check([signal] * _N, observation, flat)
    assert "strength by brightness" in _names(check)
    assert "strength of the residual" not in _names(check)


def test_shape_offset_and_hot_pixels_are_found(signal, rng):
    noise = GaussianNoiseModel(10.0)
    observation = signal + rng.normal(0, 10, signal.shape)
    shifted = predictive_check([signal] * _N, observation + 3, noise)
    assert _names(shifted) == {"mean of the residual"}
    assert "another offset" in shifted.verdict
    hot = observation.copy()
    hot.flat[::200] += 80
    assert {"skewness of the residual", "tails of the residual"} <= _names(
        predictive_check([signal] * _N, hot, noise)
    )


def test_no_number_of_samples_or_seed_makes_a_difference_to_the_kind_of_result(observation, rng):
    noise = GaussianNoiseModel(_IMAGES.noise)
    samples = _IMAGES.samples(observation, 60, rng)
    same = [predictive_check(samples, observation, noise, n=40, seed=3) for _ in range(2)]
    assert same[0].p_value == same[1].p_value
    assert str(same[0]) == str(same[1])
    other = predictive_check(samples, observation, noise, seed=4)
    assert other.samples == 60
    assert other.p_value != same[0].p_value
    assert other.consistent


def test_channels_stacks_and_other_noise_models(rng):
    axes, shape = "CTYX", (2, 2, 12, 33)
    signal = rng.uniform(60, 240, shape)
    mixture = GaussianMixtureNoiseModel((0.0, 300.0))
    noise = ChannelwiseNoiseModel([GaussianNoiseModel(4.0), mixture])
    moved = np.moveaxis(signal, 0, -1)
    observation = np.moveaxis(np.asarray(noise.sample(moved, seed=5)), -1, 0)
    check = predictive_check([signal] * 40, observation, noise, axes=axes)
    assert check.consistent, str(check)
    assert check.pixels == signal.size
    swapped = predictive_check([signal] * 40, observation[::-1], noise, axes=axes)
    assert not swapped.consistent


def test_a_posterior_knows_its_image_and_noise_model(rng):
    model = random_model(depth=1)
    image = rng.normal(100, 20, (2, 17, 22)).astype(np.float32)
    posterior = model.posterior(image, axes="TYX")
    check = predictive_check(posterior, n=40)
    # a model that was not trained
    assert not check.consistent
    given = predictive_check(posterior.sample(40), image, model.noise_model)
    assert given.p_value == check.p_value
    np.testing.assert_allclose(
        [one.observed for one in given.findings],
        [one.observed for one in check.findings],
        atol=1e-3,
    )


def test_it_is_shown_in_words_and_as_a_figure(observation, rng):
    noise = GaussianNoiseModel(_IMAGES.noise)
    check = predictive_check(_IMAGES.samples(observation, 40, rng), observation, noise)
    assert "40 samples and as many replicates, 2304 pixels" in str(check)
    assert "does not show that the samples are right" in str(check)
    assert len(check.figure().axes) == 3


def test_flat_and_tiny_images_do_not_fail(rng):
    noise = GaussianNoiseModel(5.0)
    for shape in ((1, 1), (1, 40), (40, 1), (3, 2)):
        flat = np.full(shape, 100.0)
        check = predictive_check([flat] * 40, flat + rng.normal(0, 5, shape), noise)
        assert np.isfinite([one.observed for one in check.findings]).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n": 38}, "at least 39"),
        ({"n": 60}, "fewer samples"),
        ({"level": 0.0}, "share between"),
        ({"observation": None}, "observation is missing"),
        ({"noise_model": None}, "noise model is missing"),
        ({"observation": np.full((8, 8), np.nan)}, "NaN"),
        ({"observation": np.zeros((8, 9))}, "same shape"),
    ],
)
def test_bad_input_is_refused(options, message):
    given = {"observation": np.zeros((8, 8)), "noise_model": GaussianNoiseModel(1.0), **options}
    with pytest.raises(InputError, match=message):
        predictive_check(np.zeros((50, 8, 8)), **given)
