"""Mean shift equals scikit-learn's, and what mathematics says of simple sets of points."""

import numpy as np
import pytest
from helpers.mean_shift_reference import reference_clusters, reference_mode
from hypothesis import given, settings
from hypothesis import strategies as st

from divnoising_tf.posterior.mean_shift import (
    Centres,
    merge_duplicates,
    nearest,
    shift_in_sets,
    shift_seeds,
)

FALLING = 0.9 ** np.arange(8)


def clouds(rng, sets=6, n=40, coordinates=30, offset=1000.0, apart=40.0):
    """Points of two or three correlated clouds on a large offset, float32 as samples are."""
    mixing = rng.normal(size=(coordinates, 6))
    points = rng.normal(size=(sets, n, 6)) @ mixing.T * 5 + rng.normal(size=(sets, n, coordinates))
    directions = rng.normal(size=(3, coordinates))
    points += apart * directions[rng.integers(0, 3, (sets, n))] * (rng.random((sets, n, 1)) < 0.4)
    return (offset + points).astype(np.float32).astype(np.float64)


@pytest.mark.parametrize("start", [0.9, 1.2, 1.5, 2.5])
@pytest.mark.parametrize(("n", "coordinates"), [(40, 30), (7, 100), (200, 3)])
def test_sets_equal_scikit_learn_bandwidth_after_bandwidth(rng, start, n, coordinates):
    points = clouds(rng, n=n, coordinates=coordinates)
    spread = np.sqrt(points.var(axis=1).sum(axis=1))
    bandwidths = start * spread[:, np.newaxis] * FALLING
    means = points.mean(axis=1)
    found = shift_in_sets(points, means, bandwidths)
    expected = [reference_mode(*one) for one in zip(points, bandwidths, strict=True)]
    np.testing.assert_allclose(found.positions, expected, atol=1e-6)
    # they went somewhere: the comparison is not one of seeds
    moved = np.linalg.norm(found.positions - means, axis=1) / spread
    assert np.median(moved) > 0.02 or n == 7
    assert np.all((found.support >= 0) & (found.support <= n))


def test_a_large_offset_costs_no_neighbour(rng):
    points = clouds(rng, offset=0.0)
    bandwidths = 1.5 * np.sqrt(points.var(axis=1).sum(axis=1))[:, np.newaxis] * FALLING
    near = shift_in_sets(points, points.mean(axis=1), bandwidths)
    far = points + 2.0**20
    moved = shift_in_sets(far, far.mean(axis=1), bandwidths)
    np.testing.assert_array_equal(moved.support, near.support)
    np.testing.assert_allclose(moved.positions - 2.0**20, near.positions, atol=1e-6)


@pytest.mark.parametrize("limit", [1, 2, 20])
def test_seeds_and_merging_equal_scikit_learn(rng, limit):
    points = clouds(rng, sets=1, n=300, coordinates=12)[0]
    bandwidth = 0.8 * np.sqrt(points.var(axis=0).sum())
    reference = reference_clusters(points, bandwidth, 50, limit)
    centres = shift_seeds(points.astype(np.float32), points[:50], bandwidth, limit)
    merged = merge_duplicates(centres, bandwidth)
    assert len(merged.support) == len(reference.cluster_centers_) > 2
    np.testing.assert_allclose(merged.positions, reference.cluster_centers_, atol=1e-6)
    assert np.all(np.diff(merged.support) <= 0)
    np.testing.assert_array_equal(nearest(points, merged.positions), reference.labels_)


def test_support_is_the_number_of_points_in_reach_of_a_resting_centre(rng):
    points = clouds(rng, sets=1, n=200, coordinates=5)[0]
    bandwidth = 30.0
    centres = shift_seeds(points, points[:20], bandwidth, 300)
    for position, support in zip(*centres, strict=True):
        inside = np.linalg.norm(points - position, axis=1) <= bandwidth
        # a step shorter than the resting limit may have let a point in or out
        assert abs(inside.sum() - support) <= 1
        np.testing.assert_allclose(points[inside].mean(axis=0), position, atol=0.5)


def test_points_looked_at_in_parts_give_the_same(rng, monkeypatch):
    points = clouds(rng, sets=1, n=150, coordinates=8)[0]
    whole = shift_seeds(points, points[:30], 40.0)
    labels = nearest(points, points[:4])
    monkeypatch.setattr("divnoising_tf.posterior.mean_shift._NUMBERS_AT_ONCE", 7 * 8)
    parts = shift_seeds(points, points[:30], 40.0)
    np.testing.assert_allclose(parts.positions, whole.positions, rtol=1e-12)
    np.testing.assert_array_equal(parts.support, whole.support)
    np.testing.assert_array_equal(nearest(points, points[:4]), labels)


def test_the_kernel_is_flat_and_its_edge_belongs_to_it():
    points = np.array([[[0.0], [2.0], [4.0]]])
    for bandwidth, expected in ((2.0, 2), (1.999, 1)):
        centres = shift_in_sets(points, np.array([[2.0]]), np.array([[bandwidth]]))
        assert centres.support[0] == (3 if expected == 2 else 1)
    one_step = shift_in_sets(np.array([[[0.0], [1.0], [5.0]]]), np.array([[2.0]]), [[2.0]], 0)
    np.testing.assert_allclose(one_step.positions, [[0.5]])


def test_a_seed_out_of_reach_stays_and_has_no_support():
    points = np.array([[[0.0], [1.0]], [[0.0], [1.0]]])
    centres = shift_in_sets(points, np.array([[50.0], [0.4]]), np.full((2, 3), 5.0))
    np.testing.assert_allclose(centres.positions, [[50.0], [0.5]])
    np.testing.assert_array_equal(centres.support, [0, 2])


def test_no_better_supported_neighbour_no_merge():
    # the second is near the first and goes; the third is near the second alone and stays
    centres = Centres(np.array([[0.0], [2.0], [4.0], [9.0]]), np.array([9, 5, 4, 0]))
    merged = merge_duplicates(centres, bandwidth=3.0)
    np.testing.assert_array_equal(merged.positions, [[0.0], [4.0]])
    np.testing.assert_array_equal(merged.support, [9, 4])


@settings(deadline=None, max_examples=25)
@given(
    seed=st.integers(0, 2**32 - 1),
    n=st.integers(2, 30),
    coordinates=st.integers(1, 12),
    bandwidth=st.floats(0.3, 4.0),
)
def test_any_points_equal_scikit_learn(seed, n, coordinates, bandwidth):
    points = np.random.default_rng(seed).normal(10, 1, (1, n, coordinates))
    bandwidths = bandwidth * np.sqrt(coordinates) * FALLING[np.newaxis]
    found = shift_in_sets(points, points.mean(axis=1), bandwidths)
    np.testing.assert_allclose(
        found.positions[0], reference_mode(points[0], bandwidths[0]), atol=1e-9
    )
