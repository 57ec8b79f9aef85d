"""Hot pixels and cosmic rays do not spoil the calibration of a noise model."""

import numpy as np
import pytest
from helpers.images import smooth_images

from divnoising_tf import bootstrap, pairs_from_images, pairs_from_repeats
from divnoising_tf.noise_models import (
    GaussianMixtureNoiseModel,
    GaussianNoiseModel,
    HistogramNoiseModel,
    PoissonGaussianNoiseModel,
)
from divnoising_tf.noise_models.extreme_values import OutlierWarning, hot_pixels

_SIGNAL = smooth_images(1, 96)[0]
_DARK, _BRIGHT = 60.0, 150.0
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


def _shots(n, value=None, share=2e-4):
    rng = np.random.default_rng(0)
    shots = (100 + 2 * rng.poisson((_SIGNAL - 50) / 2, (n, 96, 96))).astype(np.float32)
    shots += rng.normal(0, 4, shots.shape).astype(np.float32)
    if value is not None:
        shots[rng.random(shots.shape) < share] = value
    return np.rint(shots)


@pytest.mark.parametrize(
    "kind",
    [
        GaussianNoiseModel,
        GaussianMixtureNoiseModel,
        PoissonGaussianNoiseModel,
        HistogramNoiseModel,
    ],
)
@pytest.mark.parametrize("value", [65535, -5000])
def test_fits_are_those_without_hot_pixels(kind, value):
    clean, hot = (kind.fit(_SIGNAL + 50, _shots(4, one)) for one in (None, value))
    np.testing.assert_allclose(hot.signal_range, clean.signal_range, rtol=0.01)
    levels = np.float32([110, 130, 160])
    np.testing.assert_allclose(hot.variance(levels), clean.variance(levels), rtol=0.08)


def test_repeated_shots_are_calibrated_in_spite_of_cosmic_rays():
    shots, clean = _shots(12), pairs_from_repeats(_shots(12))
    hot = np.random.default_rng(1).random(shots.shape) < 2e-4
    # of different brightness: equal ones would be taken for saturated
    shots[hot] = np.linspace(20_000, 60_000, hot.sum())
    pairs = pairs_from_repeats(shots)
    assert pairs.left_out["hot"] == hot.mean()
    assert pairs.left_out["hot in another shot"] == pytest.approx(11 * hot.mean(), rel=0.01)
    assert pairs.observation.max() < 400
    report = GaussianMixtureNoiseModel.fit(pairs, n_components=1).report(pairs)
    assert report.observations_outside < 1e-3
    np.testing.assert_allclose(pairs.signal_range, clean.signal_range, rtol=0.05)


def test_an_image_alone_is_measured_beside_its_hot_pixels():
    clean, hot = (GaussianMixtureNoiseModel.from_image(_shots(4, one)) for one in (None, 30_000))
    np.testing.assert_allclose(hot.signal_range, clean.signal_range, rtol=0.02)
    levels = np.float32([110, 130, 160])
    np.testing.assert_allclose(hot.variance(levels), clean.variance(levels), rtol=0.15)


def test_a_denoiser_and_its_bootstrap_leave_them_out():
    shots = _shots(4, 65535)
    with pytest.warns(OutlierWarning, match="65535 counts"):
        found = bootstrap(shots, noise_model=GaussianNoiseModel, steps=30)
    assert found.denoiser.normalisation.standard_deviation[0] < 60
    assert found.denoised.max() < 1000
    assert found.noise_model.standard_deviation < 25


def test_what_is_left_out_is_said_with_number_and_values():
    shots = _shots(1)
    shots[0, 3, 4], shots[0, 50, 60] = 3000, 65535
    message = r"2 of 9216 pixels \(3000 to 65535 counts\)"
    with pytest.warns(OutlierWarning, match=message):
        pairs = pairs_from_images(_SIGNAL + 50, shots)
    assert pairs.left_out["hot"] == pytest.approx(2 / 9216)
    assert "hot" not in pairs_from_images(_SIGNAL + 50, _shots(1)).left_out


def test_tails_of_an_amplifier_and_single_photons_are_noise():
    rng = np.random.default_rng(0)
    signal = np.linspace(1, 200, 200_000)
    for observation in (
        rng.exponential(signal),
        100 * rng.poisson(signal / 100),
        rng.standard_t(6, signal.size) * np.sqrt(signal) + signal,
    ):
        assert not hot_pixels(signal, observation).any()
