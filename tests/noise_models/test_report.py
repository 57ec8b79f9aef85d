import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import trapezoid
from scipy.ndimage import uniform_filter

from divnoising_tf import GaussianNoiseModel, InputError
from divnoising_tf.noise_models import GaussianMixtureNoiseModel, pairs_from_images
from divnoising_tf.noise_models.report_measures import (
    distance_from_uniform,
    probability_integral_transform,
)

SIGMA = 5.0


def gaussian_images(seed, deviation=SIGMA, bias=0.0, shape=(200, 250)):
    """A signal from 50 to 150 counts, and noise whose deviation and bias may depend on it."""
    rng = np.random.default_rng(seed)
    signal = rng.uniform(50, 150, shape)
    deviation, bias = (v(signal) if callable(v) else v for v in (deviation, bias))
    return signal, signal + bias + deviation * rng.normal(size=shape)


def failed(report):
    return {check.name for check in report.checks if check.verdict == "bad"}


@pytest.mark.parametrize("seed", range(6))
def test_true_model_is_good(seed):
    report = GaussianNoiseModel(SIGMA).report(*gaussian_images(seed), seed=seed)
    assert report.verdict == "good", str(report)
    assert report.advice == ()
    assert report.pixels == 25_000


@pytest.mark.parametrize("seed", range(3))
def test_true_mixture_of_poisson_gaussian_shape_is_good(seed):
    rng = np.random.default_rng(seed)
    signal = rng.uniform(50, 150, (200, 250))
    # variance 20 at 50 counts, 120 at 150: logarithms of the polynomial's two coefficients
    rows = [[0, 0], np.log([20, 100]), [0, 0]]
    truth = GaussianMixtureNoiseModel(
        (50, 150), n_components=1, n_coefficients=2, coefficients=rows
    )
    report = truth.report(signal, truth.sample(signal, seed=seed).numpy(), seed=seed)
    assert report.verdict == "good", str(report)
    np.testing.assert_allclose(report.bins.measured / report.bins.modelled, 1, atol=0.12)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_wrong_strength_is_bad(seed, factor):
    report = GaussianNoiseModel(factor * SIGMA).report(*gaussian_images(seed), seed=seed)
    assert report.verdict == "bad"
    assert any("standard deviation, relative" in name for name in failed(report))
    assert any("quantiles" in name for name in failed(report))
    # the last bin, the brightest hundredth, has 250 pixels
    ratio = report.bins.measured / report.bins.modelled
    np.testing.assert_allclose(ratio[:-1], 1 / factor, rtol=0.1)
    np.testing.assert_allclose(ratio[-1], 1 / factor, rtol=0.25)
    assert report.log_likelihood["model"] < report.log_likelihood["Gaussian"] - 0.1


@pytest.mark.parametrize("seed", range(3))
def test_error_that_cancels_over_signals_is_seen(seed):
    images = gaussian_images(seed, deviation=lambda s: np.where(s < 100, 3.2, 6.3))
    report = GaussianNoiseModel(SIGMA).report(*images, seed=seed)
    assert report.verdict == "bad"
    bad = next(check for check in report.checks if "standard deviation, relative" in check.name)
    assert bad.verdict == "bad"
    assert bad.value == pytest.approx(5 / 3.2 - 1, rel=0.15)
    assert bad.where < 100


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("bias", [0.5 * SIGMA, lambda s: 0.03 * (s - 100) * SIGMA])
def test_bias_is_bad(seed, bias):
    report = GaussianNoiseModel(SIGMA).report(*gaussian_images(seed, bias=bias), seed=seed)
    assert report.verdict == "bad"
    assert any(name.startswith("bias") for name in failed(report))
    if not callable(bias):
        np.testing.assert_allclose(report.bins.bias, bias, atol=0.3 * SIGMA)


def test_slightly_wrong_strength_is_fair():
    report = GaussianNoiseModel(1.17 * SIGMA).report(*gaussian_images(0))
    assert report.verdict == "fair", str(report)
    assert len(report.advice) > 0


def test_whole_counts_are_judged_as_rounded_values():
    rng = np.random.default_rng(0)
    signal = rng.uniform(50, 150, (200, 250))
    counts = np.rint(signal + rng.normal(0, 0.8, signal.shape)).astype(np.uint16)
    pairs = pairs_from_images(signal, counts, percentiles=(0, 100))
    assert pairs.step == 1
    randomised = probability_integral_transform(GaussianNoiseModel(0.8), pairs)
    stepped = probability_integral_transform(
        GaussianNoiseModel(0.8), dataclasses.replace(pairs, step=0.0)
    )
    assert distance_from_uniform(randomised) < 1.95 / np.sqrt(len(pairs))
    assert distance_from_uniform(stepped) > 2 * distance_from_uniform(randomised)


def test_whole_counts_of_a_right_model_are_good():
    signal, observation = gaussian_images(1)
    assert GaussianNoiseModel(SIGMA).report(signal, np.rint(observation)).verdict == "good"


def test_few_hot_pixels_are_counted_and_do_not_decide():
    signal, observation = gaussian_images(0)
    observation[::50, ::50] += 40 * SIGMA
    report = GaussianNoiseModel(SIGMA).report(signal, observation)
    np.testing.assert_allclose(report.bins.measured, SIGMA, rtol=0.1)
    assert report.observations_outside == pytest.approx(1 / 2500, rel=0.5)
    observation[::5, ::5] += 40 * SIGMA
    report = GaussianNoiseModel(SIGMA).report(signal, observation)
    assert report.observations_outside == pytest.approx(1 / 25, rel=0.2)
    assert report.verdict == "bad"


def test_signals_outside_the_range_are_counted():
    signal, observation = gaussian_images(0)
    report = GaussianNoiseModel(SIGMA, signal_range=(50, 125)).report(signal, observation)
    assert report.signals_outside == pytest.approx(0.25, abs=0.02)
    assert report.verdict == "bad"


def test_correlated_noise_of_neighbours_is_seen():
    rng = np.random.default_rng(0)
    signal = np.broadcast_to(np.linspace(50, 150, 250), (200, 250))
    noise = uniform_filter(rng.normal(size=signal.shape), (1, 2))
    observation = signal + SIGMA * noise / noise.std()
    report = GaussianNoiseModel(SIGMA).report(signal, observation)
    assert report.neighbour_correlation == pytest.approx(0.5, abs=0.05)
    assert any("pixel-wise" in advice for advice in report.advice)
    assert [check.verdict for check in report.checks[:-1]] == ["good"] * 7
    as_pixels = GaussianNoiseModel(SIGMA).report(signal.ravel(), observation.ravel())
    assert as_pixels.neighbour_correlation is None
    assert as_pixels.verdict == "good"


def test_independent_noise_is_not_called_correlated():
    report = GaussianNoiseModel(SIGMA).report(*gaussian_images(0))
    assert abs(report.neighbour_correlation) < 0.02


def test_one_clean_image_for_many_noisy_ones(rng):
    signal = rng.uniform(50, 150, (60, 60))
    observation = signal + rng.normal(0, SIGMA, (5, 60, 60))
    report = GaussianNoiseModel(SIGMA).report(signal, observation)
    assert report.pixels == 9000
    assert report.neighbour_correlation == pytest.approx(0, abs=0.05)


def test_held_out_images_are_the_ones_judged():
    calibration, night = gaussian_images(0), gaussian_images(1, deviation=2 * SIGMA)
    model = GaussianNoiseModel(SIGMA)
    assert model.report(*calibration, held_out=gaussian_images(2)).verdict == "good"
    report = model.report(*calibration, held_out=night)
    assert report.verdict == "bad"
    assert report.pixels == 50_000
    again = model.report(*calibration, held_out=pairs_from_images(*night, percentiles=(0, 100)))
    assert again.pit_distance == report.pit_distance


def test_same_seed_same_report():
    images = gaussian_images(0)
    reports = [str(GaussianNoiseModel(SIGMA).report(*images, seed=seed)) for seed in (3, 3, 4)]
    assert reports[0] == reports[1] != reports[2]


def test_text_names_verdict_rule_and_likelihoods():
    text = str(GaussianNoiseModel(2 * SIGMA).report(*gaussian_images(0)))
    for part in ("Verdict: bad", "Rule:", "good up to", "histogram", "Advice:", "25000 held-out"):
        assert part in text
    assert max(len(line) for line in text.splitlines() if "  " in line) < 120


def test_figure_shows_quantiles_deviation_and_three_densities(tmp_path):
    figure = GaussianNoiseModel(SIGMA).report(*gaussian_images(0)).figure()
    axes = figure.get_axes()
    assert len(axes) == 5
    assert [one.get_title()[:6] for one in axes[2:]] == ["signal"] * 3
    figure.savefig(tmp_path / "report.png")
    assert (tmp_path / "report.png").stat().st_size > 10_000


def test_densities_of_the_figure_integrate_to_one():
    for whole in (False, True):
        signal, observation = gaussian_images(0)
        report = GaussianNoiseModel(SIGMA).report(
            signal, observation.round() if whole else observation
        )
        for part in report.slices:
            assert np.sum(part.measured * np.diff(part.edges)) == pytest.approx(1, abs=0.01)
            assert trapezoid(part.modelled, part.grid) == pytest.approx(1, abs=0.01)


def test_few_pixels_and_wrong_shapes_are_refused():
    signal, observation = gaussian_images(0, shape=(20, 20))
    with pytest.raises(InputError, match="too few pixels"):
        GaussianNoiseModel(SIGMA).report(signal, observation)
    with pytest.raises(InputError, match="do not match"):
        GaussianNoiseModel(SIGMA).report(signal, observation[:10])


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 500), st.floats(0, 1))
def test_distance_from_uniform_of_equally_spaced_and_of_equal_values(n, value):
    spaced = (np.arange(n) + 0.5) / n
    assert distance_from_uniform(spaced) == pytest.approx(0.5 / n)
    assert distance_from_uniform(np.full(n, value)) == pytest.approx(max(value, 1 - value))
