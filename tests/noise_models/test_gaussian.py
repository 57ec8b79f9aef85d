import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from divnoising_tf.errors import InputError
from divnoising_tf.noise_models import GaussianNoiseModel


def clean_image(size=256):
    y, x = np.mgrid[:size, :size]
    return (100 + 50 * np.sin(x / 20) * np.cos(y / 30)).astype(np.float32)


@settings(deadline=None, max_examples=50)
@given(st.floats(0.01, 1e4), st.floats(-1e4, 1e4), st.floats(-5, 5))
@example(0.01, 246.0, 2.0)  # many thousand times the noise
def test_density_is_normal(deviation, signal, distance):
    model = GaussianNoiseModel(deviation)
    signal = np.float32(signal)
    x = np.float32(signal + distance * deviation)
    expected = norm.logpdf(np.float64(x), np.float64(signal), deviation)
    assert float(model.log_prob(x, signal)) == pytest.approx(expected, rel=1e-4, abs=1e-3)
    assert float(model.cdf(x, signal)) == pytest.approx(
        norm.cdf(np.float64(x), signal, deviation), abs=1e-4
    )


@settings(deadline=None, max_examples=8)
@given(st.floats(0.5, 50), st.integers(0, 100))
def test_sample_then_refit_gives_the_same_deviation(deviation, seed):
    clean = clean_image()
    noisy = GaussianNoiseModel(deviation).sample(clean, seed=seed).numpy()
    fitted = GaussianNoiseModel.fit(clean, noisy)
    assert fitted.standard_deviation == pytest.approx(deviation, rel=0.02)
    estimated = GaussianNoiseModel.from_image(noisy)
    assert estimated.standard_deviation == pytest.approx(deviation, rel=0.05)


def test_repeats_give_the_deviation():
    shots = GaussianNoiseModel(8.0).sample(np.stack([clean_image()] * 2), seed=0).numpy()
    fitted = GaussianNoiseModel.fit_repeats(shots, trainable=True)
    assert fitted.standard_deviation == pytest.approx(8, rel=0.02)
    assert fitted.trainable_weights
    assert fitted.signal_range == pytest.approx((50, 150), abs=15)


@pytest.mark.parametrize("deviation", [0, -1, np.nan, np.inf])
def test_deviations_without_meaning_are_refused(deviation):
    with pytest.raises(InputError, match="positive and finite"):
        GaussianNoiseModel(deviation)


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (np.full((64, 64), 5), "constant"),
        (np.where(np.eye(64) > 0, np.nan, 1.0), "NaN"),
        (np.arange(64.0), "an image or a stack"),
        (clean_image(16), "too small"),
        (np.arange(200.0).reshape(200, 1), "too small"),
    ],
)
def test_images_that_do_not_tell_their_noise_are_refused(image, message):
    with pytest.raises(InputError, match=message):
        GaussianNoiseModel.from_image(image)
