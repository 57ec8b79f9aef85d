import dataclasses
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from divnoising_tf.errors import InputError
from divnoising_tf.noise_models import (
    GaussianNoiseModel,
    PoissonGaussianNoiseModel,
    pairs_from_images,
    pairs_from_repeats,
)
from divnoising_tf.noise_models.extreme_values import extreme_piles, spoiled_signals


def ramp(size=100, low=100.0, high=300.0):
    return np.tile(np.linspace(low, high, size), (size, 1))


@settings(deadline=None, max_examples=10)
@given(n=st.integers(2, 50), seed=st.integers(0, 100))
def test_repeats_give_the_variance_unbiased(n, seed):
    random = np.random.default_rng(seed)
    shots = ramp(150) + random.normal(0, 6, (n, 150, 150))
    pairs = pairs_from_repeats(shots)
    noise = pairs.observation - pairs.signal
    # 150² · (n - 1) degrees of freedom; half of what leaving the correction out would cost
    assert noise.var() == pytest.approx(36, rel=min(0.05, 0.5 / n))
    assert len(pairs) == pytest.approx(0.99 * shots.size, rel=0.01)


def test_repeats_are_whole_numbers_apart_by_the_correction(rng):
    shots = rng.poisson(ramp(), (4, 100, 100)).astype(np.uint16)
    assert pairs_from_repeats(shots).step == pytest.approx(np.sqrt(4 / 3))
    assert pairs_from_images(ramp(), shots).step == 1
    assert pairs_from_images(ramp(), shots + 0.5).step == 0


def test_one_clean_image_to_many_noisy_ones(rng):
    clean = np.stack([ramp(60), ramp(60).T + 50])
    noisy = clean[:, np.newaxis] + rng.normal(0, 3, (2, 5, 60, 60))
    nested = pairs_from_images(clean, noisy)
    flat = pairs_from_images(clean, noisy.reshape(10, 60, 60))
    np.testing.assert_array_equal(nested.observation, flat.observation)
    np.testing.assert_array_equal(nested.signal, flat.signal)
    assert (flat.observation - flat.signal).std() == pytest.approx(3, rel=0.03)
    single = pairs_from_images(clean[0], noisy[0])
    assert (single.observation - single.signal).std() == pytest.approx(3, rel=0.03)


@pytest.mark.parametrize("maximum", [255, 4095, 65535])
def test_saturated_and_dead_values_are_left_out(rng, maximum):
    clean = ramp(200, 0.3 * maximum, 0.7 * maximum)
    noisy = np.rint(clean + rng.normal(0, 0.02 * maximum, clean.shape))
    stuck = rng.permutation(clean.size)
    noisy.flat[stuck[:400]] = maximum
    noisy.flat[stuck[400:600]] = 0
    with pytest.warns(UserWarning, match="1 % saturated, 0.5 % dead"):
        pairs = pairs_from_images(clean, noisy.astype(np.uint16))
    assert pairs.left_out["saturated"] == pytest.approx(0.01)
    assert pairs.left_out["dead"] == pytest.approx(0.005)
    usable = np.ones(clean.size, bool)
    usable[stuck[:600]] = False
    without = GaussianNoiseModel.fit(clean.flat[usable], noisy.flat[usable])
    assert GaussianNoiseModel.fit(pairs).standard_deviation == pytest.approx(
        without.standard_deviation, rel=0.005
    )


def test_a_signal_near_saturation_is_left_out_as_a_whole(rng):
    clean = ramp(300, 20, 300)
    noisy = np.clip(clean + rng.normal(0, 10, (2, 300, 300)), 0, 255).astype(np.uint8)
    with pytest.warns(UserWarning, match="signal near saturation"):
        pairs = pairs_from_images(clean, noisy)
    # at 245 counts a sixth is saturated, at 230 counts 1 %
    assert 225 < pairs.signal_range[1] < 240
    assert (pairs.observation - pairs.signal).std() == pytest.approx(10, rel=0.02)


@settings(deadline=None, max_examples=20)
@given(photons=st.floats(0.2, 200), seed=st.integers(0, 100))
def test_few_photons_are_no_dead_pixels(photons, seed):
    values = np.random.default_rng(seed).poisson(photons, 100_000)
    saturated, dead = extreme_piles(values)
    assert not saturated.any()
    assert not dead.any()


def test_no_signal_is_spoiled_by_pixels_stuck_anywhere(rng):
    signal = rng.uniform(0, 100, 50_000)
    stuck = rng.random(50_000) < 0.05
    assert not spoiled_signals(signal, stuck, at_top=True).any()
    assert not spoiled_signals(signal, stuck, at_top=False).any()
    cut = stuck | (signal > 80)
    assert spoiled_signals(signal, cut, at_top=True).mean() == pytest.approx(0.2, abs=0.02)


def test_nothing_is_said_of_clean_data(rng):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pairs_from_images(ramp(), ramp() + rng.normal(0, 3, (100, 100)))


def test_percentiles_bound_the_signal(rng):
    pairs = pairs_from_images(ramp(), ramp() + rng.normal(size=(100, 100)), percentiles=(10, 80))
    np.testing.assert_allclose(pairs.signal_range, (120, 260), atol=3)
    assert sum(pairs.left_out.values()) == pytest.approx(0.3, abs=0.02)


def test_figure_shows_every_pixel_once(rng):
    noisy = np.rint(ramp() + rng.normal(0, 3, (100, 100)))
    noisy[:2] = 4095
    with pytest.warns(UserWarning, match="2 % saturated"):
        pairs = pairs_from_images(ramp(), noisy)
    (axes,) = pairs.figure().axes
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert labels[0] == "used"
    assert any("saturated: 2 %" in label for label in labels)
    shown = sum(
        (patch.get_data().values - patch.get_data().baseline).sum() for patch in axes.patches
    )
    assert shown == noisy.size


_NOISY = ramp(40) + np.random.default_rng(0).normal(0, 3, (40, 40))


@pytest.mark.parametrize(
    ("signal", "observation", "message"),
    [
        (np.full((40, 40), 7), _NOISY, "clean images are constant"),
        (ramp(40), np.full((40, 40), 7), "noisy images are constant"),
        (ramp(40), np.where(_NOISY > 290, np.nan, _NOISY), "noisy images hold NaN"),
        (np.where(_NOISY > 290, np.inf, ramp(40)), _NOISY, "clean images hold NaN or infinity"),
        (ramp(40), _NOISY[:30], "do not match"),
        (np.stack([ramp(40)] * 2), np.stack([_NOISY] * 3), "do not match"),
        (ramp(40), np.empty((0, 40, 40)), "not images"),
        (ramp(40), "image.tif", "not images"),
        (ramp(40, 100, 100.5), _NOISY - ramp(40) + 100, "does not span a range"),
        (np.eye(40), np.eye(40), "There is no noise"),
        (np.where(np.arange(1600).reshape(40, 40) < 3, 5000, 0), _NOISY, "left out"),
    ],
)
def test_images_that_cannot_calibrate_are_refused(signal, observation, message):
    with pytest.raises(InputError, match=message):
        pairs_from_images(signal, observation)


def test_a_flat_field_is_refused(rng):
    with pytest.raises(InputError, match="does not span a range"):
        pairs_from_repeats(100 + rng.normal(0, 5, (3, 200, 200)))


@pytest.mark.parametrize("shots", [_NOISY, _NOISY[np.newaxis]])
def test_a_single_shot_is_no_repeat(shots):
    with pytest.raises(InputError, match="at least two images"):
        pairs_from_repeats(shots)


def test_too_few_pixels_and_half_an_input_are_refused():
    with pytest.raises(InputError, match="too few pixels"):
        PoissonGaussianNoiseModel.fit(ramp(8), ramp(8) + _NOISY[:8, :8] - ramp(40)[:8, :8])
    with pytest.raises(InputError, match="no noisy images"):
        GaussianNoiseModel.fit(ramp(40))


def test_pairs_can_be_thinned(rng):
    pairs = pairs_from_images(ramp(), ramp() + rng.normal(0, 3, (100, 100)))
    fewer = dataclasses.replace(pairs, signal=pairs.signal[::2], observation=pairs.observation[::2])
    assert len(fewer) == -(-len(pairs) // 2)
