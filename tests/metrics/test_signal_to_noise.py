import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from divnoising_tf.errors import InputError
from divnoising_tf.metrics import psnr, psnr_affine, psnr_scale_invariant, ssim

_RANDOM = np.random.default_rng(0)
_TRUTH = _RANDOM.random((3, 16, 20)) * 100


def test_psnr_of_known_noise():
    truth = np.zeros((100, 100))
    truth[0, 0] = 255
    noisy = truth + 25.5 * np.where(np.indices(truth.shape).sum(0) % 2, 1, -1)
    assert psnr(truth, noisy) == pytest.approx(20)
    assert psnr(truth, noisy, value_range=2550) == pytest.approx(40)
    assert psnr(truth, truth) == float("inf")


def test_integers_do_not_wrap():
    assert psnr(np.array([0, 255], np.uint8), np.array([1, 254], np.uint8)) == pytest.approx(
        48.13, abs=0.01
    )


@settings(deadline=None, max_examples=25)
@given(st.floats(0.01, 1000), st.floats(-1e4, 1e4))
def test_affine_psnr_does_not_see_brightness_and_contrast(scale, shift):
    noisy = _TRUTH + _RANDOM.normal(size=_TRUTH.shape)
    assert psnr_affine(_TRUTH, scale * noisy + shift) == pytest.approx(psnr_affine(_TRUTH, noisy))


def test_affine_psnr_is_the_best_over_scale_and_shift():
    noisy = 0.5 * _TRUTH + 7 + 3 * _RANDOM.normal(size=_TRUTH.shape)
    best = psnr_affine(_TRUTH, noisy)
    scale, shift = np.polyfit(noisy.ravel(), _TRUTH.ravel(), 1)
    assert best == pytest.approx(psnr(_TRUTH, scale * noisy + shift))
    assert best > psnr(_TRUTH, 1.01 * scale * noisy + shift)
    assert best > psnr(_TRUTH, noisy)


def test_affine_psnr_of_a_flat_prediction_is_that_of_the_mean():
    flat = np.full_like(_TRUTH, 5)
    assert psnr_affine(_TRUTH, flat) == pytest.approx(psnr(_TRUTH, flat * 0 + _TRUTH.mean()))


def test_scale_invariant_psnr_is_the_formula_of_care():
    noisy = 0.3 * _TRUTH - 40 + 5 * _RANDOM.normal(size=_TRUTH.shape)
    centred, truth = noisy - noisy.mean(), (_TRUTH - _TRUTH.mean()) / _TRUTH.std()
    scaled = centred * np.sum(truth * centred) / np.sum(centred**2)
    peak = np.ptp(_TRUTH) / _TRUTH.std()
    expected = 20 * np.log10(peak) - 10 * np.log10(np.mean((truth - scaled) ** 2))
    assert psnr_scale_invariant(_TRUTH, noisy) == pytest.approx(expected)


@pytest.mark.parametrize("metric", [psnr, psnr_affine, psnr_scale_invariant, ssim])
@pytest.mark.parametrize(
    ("truth", "prediction", "message"),
    [
        (_TRUTH, _TRUTH[0], "same shape"),
        (_TRUTH * np.nan, _TRUTH, "truth has pixels"),
        (_TRUTH, _TRUTH + np.inf, "prediction has pixels"),
        (np.ones((8, 8)), np.ones((8, 8)), "no range"),
    ],
)
def test_bad_images_are_refused(metric, truth, prediction, message):
    with pytest.raises(InputError, match=message):
        metric(truth, prediction)


def test_bad_ranges_are_refused():
    with pytest.raises(InputError, match="positive"):
        psnr(_TRUTH, _TRUTH, value_range=0)
