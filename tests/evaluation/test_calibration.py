import itertools

import numpy as np
import pytest
from helpers.random_models import random_model
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.integrate import quad
from scipy.stats import binom, norm

from divnoising_tf import InputError
from divnoising_tf.evaluation import calibration
from divnoising_tf.evaluation.ranks import RunningRanks

_SAMPLES = 60
_LEVELS = (0.5, 0.8, 0.95)


def _gaussian(rng, factor, size=128):
    """Return truth and samples of N(100, 5²), the samples' deviation off by a factor."""
    shape = (size, size)
    return rng.normal(100, 5 * factor, (_SAMPLES, *shape)), rng.normal(100, 5, shape)


def _expected_coverage(level, factor):
    """Return the chance that the truth is in the central interval of the samples.

    Given the truth, the number of samples below it is binomial; its place is that number and a
    uniform one, over the number of samples and 1.
    """
    low, high = ((_SAMPLES + 1) * (1 + sign * level) / 2 for sign in (-1, 1))

    def given_truth(z):
        below = norm.cdf(z / factor)
        numbers = np.arange(_SAMPLES + 1)
        inside = np.clip(np.minimum(numbers + 1, high) - np.maximum(numbers, low), 0, 1)
        return norm.pdf(z) * np.sum(binom.pmf(numbers, _SAMPLES, below) * inside)

    return quad(given_truth, -8, 8, limit=200)[0]


@pytest.mark.parametrize("factor", [1.0, 0.5, 2.0])
def test_coverage_of_a_gaussian_is_the_known_one(rng, factor):
    samples, truth = _gaussian(rng, factor)
    found = calibration(samples, truth)
    for level in _LEVELS:
        expected = _expected_coverage(level, factor)
        if factor == 1:
            assert expected == pytest.approx(level, abs=1e-6)
        # five binomial standard errors
        chance = 5 * np.sqrt(expected * (1 - expected) / truth.size)
        assert found.coverage_of(level) == pytest.approx(expected, abs=chance)
    # the mean of the samples is known to √(1/n) of their deviation
    ratio = np.sqrt((1 + factor**2 / _SAMPLES) / (factor**2 * (1 + 1 / _SAMPLES)))
    assert found.error_ratio == pytest.approx(ratio, rel=5 / np.sqrt(2 * truth.size))
    if factor == 1:
        assert found.expected_calibration_error < 0.01
        np.testing.assert_allclose(found.rank_histogram, 1, atol=5 * np.sqrt(19 / truth.size))
    else:
        assert found.expected_calibration_error > 0.1


def test_half_the_deviation_covers_as_a_normal_table_says(rng):
    samples, truth = _gaussian(rng, 0.5)
    found = calibration(samples, truth)
    # P(|z| < 1.96 / 2) and so on; 60 samples blur it by a few permille
    for level, share in ((0.5, 0.264), (0.8, 0.478), (0.95, 0.673)):
        assert found.coverage_of(level) == pytest.approx(share, abs=0.025)


def test_reliability_curve_follows_the_deviation_of_each_pixel(rng):
    deviation = np.linspace(1, 9, 128 * 128).reshape(128, 128)
    truth = 100 + deviation * rng.normal(size=deviation.shape)
    samples = (100 + deviation * rng.normal(size=deviation.shape) for _ in itertools.count())
    found = calibration(samples, truth, n=200, bins=8)
    assert found.samples == 200
    np.testing.assert_allclose(found.predicted, np.arange(1.5, 9), rtol=0.05)
    np.testing.assert_allclose(found.error, found.predicted, rtol=5 / np.sqrt(2 * truth.size / 8))
    np.testing.assert_allclose(found.bias, 0, atol=5 * 9 / np.sqrt(truth.size / 8))
    assert found.deviation_error < 0.3
    biased = calibration(iter(100 + deviation * rng.normal(size=(50, 128, 128)) + 3), truth, 50)
    np.testing.assert_allclose(biased.bias, 3, atol=1.2)


@settings(deadline=None, max_examples=40)
@given(
    values=hnp.arrays(np.int8, st.tuples(st.integers(2, 7), st.integers(1, 12)), elements={}),
    # factors that keep ties ties
    scale=st.sampled_from([0.125, 1.0, 64.0]),
)
def test_coverage_rises_and_does_not_depend_on_units(values, scale):
    truth, samples = values[0].astype(float), np.concatenate([values[1:], values[1:]]).astype(float)
    found = calibration(samples, truth, bins=1)
    assert np.all(np.diff(found.coverage) >= -1e-12)
    assert np.all((found.coverage >= -1e-12) & (found.coverage <= 1 + 1e-12))
    assert found.rank_histogram.mean() == pytest.approx(1)
    other = calibration(100 - scale * samples, 100 - scale * truth, bins=1)
    np.testing.assert_allclose(other.coverage, found.coverage, atol=1e-9)
    assert other.error[0] == pytest.approx(scale * found.error[0], rel=1e-3, abs=1e-3)


@settings(deadline=None, max_examples=40)
@given(st.permutations(range(6)), st.integers(0, 6))
def test_ranks_of_exchangeable_draws_are_uniform(order, ties):
    # every one of seven values is the truth once: all places are taken equally often
    values = np.array([*order, ties], float)
    total = np.zeros(7)
    for number, truth in enumerate(values):
        ranks = RunningRanks(np.array([truth]))
        for other in np.delete(values, number):
            ranks.add(np.array([other]))
        total += ranks.masses()
    np.testing.assert_allclose(total, 1)


def test_a_posterior_is_its_samples_and_channels_stay(rng):
    model = random_model(depth=1, channels=2)
    image = rng.normal(100, 20, (2, 9, 13)).astype(np.float32)
    posterior = model.posterior(image)
    truth = posterior.sample(1)[0] + 1.0
    direct, from_array = (calibration(one, truth, n=4) for one in (posterior, posterior.sample(4)))
    np.testing.assert_allclose(direct.coverage, from_array.coverage, atol=0.02)
    np.testing.assert_allclose(direct.error, from_array.error, rtol=1e-3)
    assert direct.pixels == image.size


def test_it_is_shown_in_words_and_as_a_figure(rng):
    samples, truth = _gaussian(rng, 0.5, size=32)
    found = calibration(samples, truth)
    assert "60 samples on 1024 pixels" in str(found)
    assert len(found.figure().axes) == 3


@pytest.mark.parametrize(
    ("samples", "truth", "options", "message"),
    [
        (np.zeros((3, 8, 8)), np.zeros((8, 9)), {}, "same shape"),
        (np.zeros((1, 8, 8)), np.zeros((8, 8)), {}, "at least 2"),
        (np.zeros((3, 8, 8)), np.zeros((8, 8)), {"n": 4}, "fewer samples"),
        (np.zeros((3, 8, 8)), np.zeros((8, 8)), {"bins": 65}, "fewer pixels than bins"),
        (np.zeros((3, 8, 8)), np.full((8, 8), np.nan), {}, "finite"),
        (np.full((3, 8, 8), np.nan), np.zeros((8, 8)), {}, "NaN"),
        (7, np.zeros((8, 8)), {}, "not samples"),
    ],
)
def test_bad_input_is_refused(samples, truth, options, message):
    with pytest.raises(InputError, match=message):
        calibration(samples, truth, **options)
