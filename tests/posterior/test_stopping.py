import logging

import numpy as np
import pytest
from helpers.random_models import MEAN, STANDARD_DEVIATION, random_model

from divnoising_tf import InputError
from divnoising_tf.posterior.stopping import StoppingRule


@pytest.fixture(scope="module")
def posterior():
    image = np.random.default_rng(3).normal(MEAN, STANDARD_DEVIATION, (2, 40, 61))
    return random_model().posterior(image.astype(np.float32), tile_size=32)


def _error(moments, planes=2):
    """The standard error of the mean of the worst plane, root mean square over pixels, counts."""
    variances = (moments.standard_deviation.astype(np.float64) ** 2).reshape(planes, -1)
    return np.sqrt(variances.mean(axis=1).max() / moments.samples)


def test_stops_within_a_tolerance_in_counts_and_not_much_later(posterior):
    deviation = _error(posterior.moments(16)) * 4
    for samples in (3.5, 49.5, 120.5):
        tolerance = deviation / np.sqrt(samples)
        moments = posterior.moments(1000, tolerance_counts=tolerance)
        assert _error(moments) <= tolerance * 1.000001
        assert moments.samples == pytest.approx(max(samples, 8), rel=0.1)
        mean, standard_deviation = posterior.moments(moments.samples)
        np.testing.assert_allclose(moments.mean, mean, rtol=1e-5)
        np.testing.assert_allclose(moments.standard_deviation, standard_deviation, rtol=1e-4)


@pytest.mark.parametrize(("tolerance", "samples"), [(0.3, 12), (0.2, 25), (2.0, 8)])
def test_stops_within_a_tolerance_in_standard_deviations(posterior, tolerance, samples):
    assert posterior.moments(1000, tolerance=tolerance).samples == samples


def test_says_when_the_tolerance_was_not_reached(posterior, caplog):
    with caplog.at_level(logging.WARNING, "divnoising_tf"):
        moments = posterior.moments(20, tolerance_counts=0.001)
        assert moments.samples == 20
        (record,) = caplog.records
        assert record.args == (20, pytest.approx(_error(moments) / 0.001, rel=1e-3))
        posterior.moments(20, tolerance=0.1)
        assert caplog.records[1].args == (20, pytest.approx(np.sqrt(100 / 20)))
        caplog.clear()
        posterior.moments(20, tolerance_counts=1000.0)
        posterior.moments(20)
    assert not caplog.records


def test_the_worst_plane_decides():
    rule = StoppingRule(1000, tolerance_counts=0.5)
    assert rule.wanted(16, np.array([0.0, 4.0]), np.array([0.0, 4.0])) == 16
    assert rule.wanted(16, np.array([0.0, 9.1]), np.array([0.0, 9.1])) == 37
    assert rule.wanted(16, np.array([1e9, 1.0]), np.array([1e9, 1.0])) == 1000
    relative = StoppingRule(1000, tolerance=0.1)
    assert relative.wanted(8, np.array([5.0, 1.0]), np.array([10.0, 4.0])) == 50


def test_equal_samples_are_enough():
    for rule in (StoppingRule(100, tolerance_counts=0.1), StoppingRule(100, tolerance=0.1)):
        assert rule.wanted(8, np.zeros(1), np.zeros(1)) == 8


@pytest.mark.parametrize("bad", [0, -1.0, np.nan, np.inf, "0.1", True])
@pytest.mark.parametrize("name", ["tolerance", "tolerance_counts"])
def test_refuses_tolerances(posterior, bad, name):
    with pytest.raises(InputError, match="positive number"):
        posterior.moments(10, **{name: bad})


def test_refuses_two_tolerances(posterior):
    with pytest.raises(InputError, match="Two tolerances"):
        posterior.moments(10, tolerance=0.1, tolerance_counts=1.0)
