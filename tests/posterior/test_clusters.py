"""Clusters of samples: constructed ones, scikit-learn's, and those of a posterior's crop."""

import numpy as np
import pytest
from helpers.mean_shift_reference import reference_clusters
from helpers.random_models import random_model
from sklearn.cluster import estimate_bandwidth

from divnoising_tf import InputError
from divnoising_tf.posterior.clusters import clusters_of_samples, seed_bandwidth


def three_answers(rng, n=200, size=(6, 7), parts=(0.5, 0.3, 0.2)):
    """Samples of three images in a mixed order, and which image each is of."""
    images = rng.normal(100, 20, (3, *size))
    kinds = rng.permutation(np.repeat(np.arange(3), np.round(np.multiply(parts, n)).astype(int)))
    return images, kinds, images[kinds] + rng.normal(0, 2, (n, *size))


def test_constructed_clusters_come_back_with_their_support(rng):
    images, _, samples = three_answers(rng)
    clusters = clusters_of_samples(samples, bandwidth=40.0)
    assert len(clusters) == 3
    np.testing.assert_array_equal(clusters.support, [100, 60, 40])
    np.testing.assert_allclose(clusters.share, [0.5, 0.3, 0.2])
    np.testing.assert_allclose(clusters.images, images, atol=1.5)
    assert (clusters.bandwidth, clusters.samples) == (40.0, 200)
    # the default bandwidth tells them apart too
    np.testing.assert_array_equal(clusters_of_samples(samples).support[:1], [100])


def test_equal_scikit_learn(rng):
    mixing = rng.normal(size=(4, 42)) * 6
    _, _, samples = three_answers(rng, n=400)
    samples = (samples + (rng.normal(size=(400, 4)) @ mixing).reshape(400, 6, 7)).astype(np.float32)
    points = samples.reshape(400, -1).astype(np.float64)
    bandwidth = 75.0
    reference = reference_clusters(points, bandwidth, 100, 20)
    clusters = clusters_of_samples(samples, bandwidth, most=1000)
    centres = reference.cluster_centers_
    assert len(clusters) == len(centres) > 2
    np.testing.assert_allclose(clusters.images.reshape(len(centres), -1), centres, atol=1e-3)
    labels = np.bincount(reference.labels_, minlength=len(centres))
    np.testing.assert_allclose(clusters.share * 400, labels)
    # support: the samples around a centre that rests
    for centre, support in zip(centres, clusters.support, strict=True):
        inside = np.linalg.norm(points - centre, axis=1) <= bandwidth
        assert abs(inside.sum() - support) <= 2
    assert np.all(np.diff(clusters.support) <= 0)
    few = clusters_of_samples(samples, bandwidth, most=2)
    np.testing.assert_array_equal(few.images, clusters.images[:2])
    np.testing.assert_array_equal(few.share, clusters.share[:2])


@pytest.mark.parametrize("n", [7, 23, 100])
def test_default_bandwidth_is_scikit_learn_s_of_the_seeds(rng, n):
    seeds = rng.normal(500, 20, (n, 30))
    assert seed_bandwidth(seeds) == pytest.approx(estimate_bandwidth(seeds), abs=1e-9)
    assert seed_bandwidth(3 * seeds) == pytest.approx(3 * seed_bandwidth(seeds))


def test_default_bandwidth_of_few_seeds_is_the_distance_to_the_nearest():
    seeds = np.array([[0.0], [3.0], [10.0]])
    assert seed_bandwidth(seeds) == pytest.approx((3 + 3 + 7) / 3)


@pytest.mark.parametrize("bandwidth", [None, 1e-3, 1e6])
def test_equal_samples_are_one_cluster(bandwidth):
    image = np.random.default_rng(1).normal(1000, 0.3, (5, 5)).astype(np.float32)
    clusters = clusters_of_samples(np.stack([image] * 20), bandwidth)
    assert len(clusters) == 1
    assert clusters.support[0] == 20
    np.testing.assert_allclose(clusters.images[0], image, rtol=1e-6)


@pytest.mark.parametrize(
    ("axes", "shape", "channels"),
    [("YX", (37, 30), 1), ("TYX", (2, 16, 21), 1), ("CYX", (2, 12, 14), 2)],
)
def test_posterior_s_clusters_are_those_of_its_samples_cropped(rng, axes, shape, channels):
    image = rng.normal(100, 20, shape).astype(np.float32)
    posterior = random_model(depth=1, channels=channels).posterior(image, axes=axes, seed=3)
    plane = 1 if axes == "TYX" else 0
    rows, columns = slice(5, 11), slice(-9, None)
    found = posterior.clusters(rows, columns, n=40, seeds=10, plane=plane)
    samples = posterior.sample(40)[..., rows, columns]
    samples = samples[:, plane] if axes == "TYX" else samples
    stack = samples if axes != "CYX" else np.moveaxis(samples, 1, -1)
    expected = clusters_of_samples(stack, found.bandwidth, seeds=10)
    assert found.images.shape[1:] == ((2, 6, 9) if channels == 2 else (6, 9))
    np.testing.assert_allclose(found.images, expected.images, atol=0.01)
    np.testing.assert_array_equal(found.support, expected.support)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"n": 1}, "whole number of at least 2"),
        ({"n": 4, "bandwidth": 0}, "positive number of counts"),
        ({"n": 4, "bandwidth": -1.0}, "positive number of counts"),
        ({"n": 4, "bandwidth": np.nan}, "positive number of counts"),
        ({"n": 4, "seeds": 0}, "whole number"),
        ({"n": 4, "most": 0}, "whole number"),
        ({"n": 4, "max_iterations": 0.5}, "whole number"),
        ({"n": 4, "plane": 1}, "no such image"),
        ({"n": 4, "rows": slice(3, 3)}, "no pixel"),
        ({"n": 4, "columns": slice(9, 12)}, "no pixel"),
        ({"n": 4, "columns": slice(0, 4, 2)}, "without a step"),
        ({"n": 4, "rows": 3}, "without a step"),
    ],
)
def test_refuses(options, reason):
    posterior = random_model(depth=1).posterior(np.full((8, 8), 100.0))
    with pytest.raises(InputError, match=reason):
        posterior.clusters(**options)
