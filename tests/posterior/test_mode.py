"""The mode by mean shift in windows: simple posteriors whose mode is known, and the reference."""

import numpy as np
import pytest
from helpers.mean_shift_reference import reference_mode
from helpers.random_models import random_model
from hypothesis import given, settings
from hypothesis import strategies as st

from divnoising_tf import InputError
from divnoising_tf.posterior import mode as module
from divnoising_tf.posterior.mode import (
    falling_bandwidths,
    mode_image,
    mode_of_points,
    rows_of_windows,
    spread_bandwidths,
)
from divnoising_tf.posterior.windows import window_grid


def mode_of(samples, bandwidths=None, **options):
    """Return the mode of samples (n, y, x) or (n, y, x, channel)."""
    stack = np.asarray(samples, np.float32)
    stack = stack[..., np.newaxis] if stack.ndim == 3 else stack
    n, height, width, channels = stack.shape
    result = mode_image(
        lambda rows: stack[:, rows], (height, width), channels, n, bandwidths, **options
    )
    return result[..., 0] if np.ndim(samples) == 3 else result


def two_answers(rng, n=60, size=(12, 15), larger=0.65):
    """Samples of two images, `larger` of the first, with a little correlated spread."""
    images = rng.normal(100, 20, (2, *size))
    first = np.arange(n) < larger * n
    spread = rng.normal(0, 1, (n, 1, 1)) + rng.normal(0, 0.5, (n, *size))
    return images, np.where(first[:, np.newaxis, np.newaxis], *images) + spread


def test_of_two_answers_it_is_the_more_frequent_one_and_the_mean_lies_between(rng):
    (larger, smaller), samples = two_answers(rng)
    result = mode_of(samples)
    assert np.sqrt(np.mean((result - larger) ** 2)) < 1.0
    mean = samples.mean(axis=0)
    np.testing.assert_allclose(mean, 0.65 * larger + 0.35 * smaller, atol=1.5)
    assert np.sqrt(np.mean((result - mean) ** 2)) > 8


def test_an_outlier_does_not_move_it(rng):
    samples = 100 + rng.normal(0, 5, (40, 1, 1)) + rng.normal(0, 1, (40, 10, 10))
    with_outlier = np.concatenate([samples, samples[:1] + 5000])
    # the mean is 120 counts off in each of 100 pixels; 2000 reaches back to the crowd
    bandwidths = (2000.0, 40.0)
    moved = mode_of(with_outlier, bandwidths)
    np.testing.assert_allclose(moved, mode_of(samples, bandwidths), atol=1e-3)
    assert with_outlier.mean() - samples.mean() > 100


@settings(deadline=None, max_examples=20)
@given(height=st.integers(1, 23), width=st.integers(1, 23), value=st.floats(-1e4, 1e6))
def test_the_mode_of_equal_samples_is_the_sample(height, width, value):
    image = np.random.default_rng(0).normal(value, 3, (height, width)).astype(np.float32)
    np.testing.assert_allclose(mode_of(np.stack([image] * 5)), image, rtol=1e-6)


@settings(deadline=None, max_examples=10)
@given(seed=st.integers(0, 1000), factor=st.floats(0.01, 100))
def test_order_and_scale_of_the_samples_do_not_matter(seed, factor):
    rng = np.random.default_rng(seed)
    _, samples = two_answers(rng, n=30, size=(11, 13))
    samples = samples.astype(np.float32)
    for bandwidths in (None, (150.0, 75.0)):
        result = mode_of(samples, bandwidths)
        shuffled = mode_of(rng.permutation(samples), bandwidths)
        np.testing.assert_allclose(shuffled, result, atol=1e-3)
    # a power of two scales float32 without rounding
    scale = 2.0 ** np.round(np.log2(factor))
    scaled = mode_of(samples * scale, (150.0 * scale, 75.0 * scale))
    np.testing.assert_allclose(scaled, result * scale, rtol=1e-6)
    np.testing.assert_allclose(mode_of(samples * scale), mode_of(samples) * scale, rtol=1e-6)


@pytest.mark.parametrize("bandwidths", [None, (200, 100)])
@pytest.mark.parametrize(("size", "channels"), [((17, 24), 1), ((9, 11), 2), ((1, 1), 1)])
def test_whole_image_equals_the_authors_way(rng, bandwidths, size, channels):
    height, width = size
    wave = rng.normal(0, 12, (50, 1, 1, 1)) + rng.normal(0, 8, (50, 1, width, channels))
    samples = (1000 + wave + rng.normal(0, 3, (50, height, width, channels))).astype(np.float32)
    grid = window_grid(size, 10, 3)
    sums, total = np.zeros((2, height, width, channels))
    for row in grid.rows:
        for column in grid.columns:
            place = slice(row, row + grid.height), slice(column, column + grid.width)
            points = samples[(slice(None), *place)].reshape(50, -1).astype(np.float64)
            falling = falling_bandwidths(*(bandwidths or (200, 100)))
            if bandwidths is None:
                spread = np.sqrt(((points - points.mean(axis=0)) ** 2).sum() / 50)
                falling = 1.5 * spread * 0.9 ** np.arange(8)
            centre = reference_mode(points, falling)
            weights = grid.weights()[..., np.newaxis]
            sums[place] += weights * centre.reshape(grid.height, grid.width, channels)
            total[place] += weights
    np.testing.assert_allclose(mode_of(samples, bandwidths), sums / total, atol=1e-3)


def test_a_bandwidth_with_nobody_in_reach_keeps_the_mean(rng):
    samples = rng.normal(100, 5, (20, 10, 10)).astype(np.float32)
    np.testing.assert_allclose(mode_of(samples, (1e-3, 1e-4)), samples.mean(axis=0), atol=1e-3)


def test_paper_s_bandwidths_fall_until_below_100():
    np.testing.assert_allclose(falling_bandwidths(200, 100), 200 * 0.9 ** np.arange(8))
    assert falling_bandwidths(200, 100)[-2] > 100 > falling_bandwidths(200, 100)[-1]
    assert falling_bandwidths(5, 5).tolist() == [5.0]


def test_default_bandwidths_are_those_of_the_spread(rng):
    points = rng.normal(0, 3, (1, 2000, 100))
    bandwidths = spread_bandwidths(points)[0]
    # 100 independent pixels that deviate by 3
    np.testing.assert_allclose(bandwidths, 30 * 1.5 * 0.9 ** np.arange(8), rtol=0.01)
    distances = np.linalg.norm(points[0] - points[0].mean(axis=0), axis=1)
    assert np.mean(distances <= bandwidths[0]) > 1 - 1 / 1.5**2
    np.testing.assert_array_equal(
        mode_of_points(points[:, :50]), mode_of_points(points[:, :50], (*spread_ends(points),))
    )


def spread_ends(points):
    bandwidths = spread_bandwidths(points[:, :50])[0]
    return float(bandwidths[0]), float(bandwidths[0] / 2)


def test_bands_and_blocks_change_nothing(rng, monkeypatch):
    _, samples = two_answers(rng, n=20, size=(40, 23))
    whole = mode_of(samples)
    asked = []
    stack = samples[..., np.newaxis].astype(np.float32)

    def draw(rows):
        asked.append(rows)
        return stack[:, rows]

    monkeypatch.setattr(module, "NUMBERS_IN_BAND", 20 * 23 * 18)
    monkeypatch.setattr(module, "_NUMBERS_IN_BLOCK", 1)
    done = []
    result = mode_image(draw, (40, 23), 1, 20, advance=done.append)[..., 0]
    np.testing.assert_array_equal(result, whole)
    assert asked == [slice(0, 17), slice(14, 31), slice(28, 40)]
    assert sum(done) == rows_of_windows((40, 23), 10, 3) == 6


@pytest.mark.parametrize(
    ("shape", "axes", "channels"),
    [((21, 30), "YX", 1), ((2, 9, 12), "TYX", 1), ((13, 2, 15), "YCX", 2), ((1, 1), "YX", 1)],
)
def test_posterior_s_mode_is_that_of_its_samples(rng, shape, axes, channels):
    image = rng.normal(100, 20, shape).astype(np.float32)
    posterior = random_model(channels=channels).posterior(image, axes=axes, seed=3)
    result = posterior.mode(12)
    assert result.shape == shape
    assert result.dtype == np.float32
    samples = posterior.sample(12)
    assert np.all(result >= samples.min(axis=0) - 1e-3)
    assert np.all(result <= samples.max(axis=0) + 1e-3)
    if axes == "YX":
        np.testing.assert_allclose(result, mode_of(samples), atol=0.01)
    if axes == "TYX":
        np.testing.assert_allclose(result[1], mode_of(samples[:, 1]), atol=0.01)
    if axes == "YCX":
        np.testing.assert_allclose(
            np.moveaxis(result, 1, 2), mode_of(np.moveaxis(samples, 2, 3)), atol=0.01
        )


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"n": 1}, "whole number of at least 2"),
        ({"n": 2.5}, "whole number"),
        ({"window": 0}, "whole number"),
        ({"overlap": -1}, "whole number"),
        ({"overlap": 10}, "smaller than the window"),
        ({"bandwidths": (100, 200)}, "two positive numbers"),
        ({"bandwidths": (100, 0)}, "two positive numbers"),
        ({"bandwidths": (100, -5)}, "two positive numbers"),
        ({"bandwidths": (np.inf, 5)}, "two positive numbers"),
        ({"bandwidths": (np.nan, 5)}, "two positive numbers"),
        ({"bandwidths": 100}, "two positive numbers"),
    ],
)
def test_refuses(options, reason):
    posterior = random_model(depth=1).posterior(np.full((4, 4), 100.0))
    with pytest.raises(InputError, match=reason):
        posterior.mode(**options)
