"""Clusters of posterior samples of a crop: the few things that it may show, and how often."""

import dataclasses

import numpy as np

from divnoising_tf.data.checks import check_count
from divnoising_tf.errors import InputError
from divnoising_tf.posterior.mean_shift import merge_duplicates, nearest, shift_seeds

# the default bandwidth reaches this part of the seeds from a seed, on average; scikit-learn's rule
_PART_IN_REACH = 0.3


@dataclasses.dataclass(frozen=True, eq=False)
class Clusters:
    """Where samples of a crop crowd, the best supported first.

    Attributes:
        images: one per cluster, float32 (clusters, y, x), or (clusters, channel, y, x) for a
            model of several channels; counts.
        support: how many samples each image is the mean of: those within the bandwidth of it.
        share: the part of all samples that is nearer to this image than to that of any other
            cluster, those that were left out as too many included; from 0 to 1.
        bandwidth: the radius in counts, over all pixels of the crop.
        samples: how many samples there were.

    Example:
        >>> images, share = np.zeros((2, 8, 8)), np.array([0.7, 0.3])
        >>> clusters = Clusters(images, np.array([7, 3]), share, bandwidth=9.0, samples=10)
        >>> len(clusters), clusters.images[0].shape
        (2, (8, 8))
    """

    images: np.ndarray
    support: np.ndarray
    share: np.ndarray
    bandwidth: float
    samples: int

    def __len__(self) -> int:
        """Return the number of clusters."""
        return len(self.images)


def clusters_of_samples(
    samples: np.ndarray,
    bandwidth: float | None = None,
    seeds: int = 100,
    max_iterations: int = 20,
    most: int = 9,
) -> Clusters:
    """Return the mean-shift clusters of images, as scikit-learn's MeanShift finds them.

    The first samples are the seeds. Each moves to the mean of all samples within the bandwidth,
    again and again. Where two come to rest within a bandwidth, the better supported stays.

    Args:
        samples: (n, y, x) or (n, y, x, channel), counts.
        bandwidth: radius in counts, over all pixels together; None for `seed_bandwidth`.
        seeds: how many of the samples are seeds; all, if there are fewer samples.
        max_iterations: steps of every seed after the first.
        most: how many clusters are returned, the best supported.

    Returns:
        The clusters.

    Raises:
        InputError: fewer than two samples, or a bandwidth or number that is not positive.

    Example:
        >>> samples = np.repeat([1.0, 9.0, 1.5, 2.0, 8.5], 4).reshape(5, 2, 2)
        >>> clusters = clusters_of_samples(samples, bandwidth=2.0)
        >>> clusters.images[:, 0, 0], clusters.support
        (array([1.5 , 8.75], dtype=float32), array([3, 2]))
    """
    check_cluster_arguments(len(samples), bandwidth, seeds, max_iterations, most)
    points = samples.reshape(len(samples), -1)
    begin = points[:seeds].astype(np.float64)
    # where all seeds are equal, any radius will do
    radius = (seed_bandwidth(begin) or 1.0) if bandwidth is None else float(bandwidth)
    centres = merge_duplicates(shift_seeds(points, begin, radius, max_iterations), radius)
    members = np.bincount(nearest(points, centres.positions), minlength=len(centres.support))
    images = centres.positions[:most].astype(np.float32).reshape(-1, *samples.shape[1:])
    if samples.ndim == 4:
        images = images[..., 0] if samples.shape[-1] == 1 else np.moveaxis(images, -1, 1)
    return Clusters(
        images, centres.support[:most], members[:most] / len(points), radius, len(points)
    )


def seed_bandwidth(seeds: np.ndarray) -> float:
    """Return the mean distance within which a seed has 30 % of the seeds, itself included.

    It is the rule of scikit-learn's `estimate_bandwidth`, but at least the nearest other seed
    is in reach. In a crop of m pixels distances grow
    with √m times the deviation, and how they vary depends on how the pixels hang together; a
    share of the samples means the same for every crop, a number of counts does not.

    Args:
        seeds: (seeds, coordinates).

    Returns:
        A distance, in units of the seeds.

    Example:
        >>> seed_bandwidth(np.arange(7.0)[:, np.newaxis])
        1.0
    """
    centred = seeds - seeds.mean(axis=0)
    norms = np.einsum("nm,nm->n", centred, centred)
    squared = norms + norms[:, np.newaxis] - 2 * centred @ centred.T
    np.fill_diagonal(squared, 0)
    neighbours = max(int(len(seeds) * _PART_IN_REACH), 2)
    reach = np.partition(np.maximum(squared, 0), neighbours - 1, axis=1)[:, neighbours - 1]
    return float(np.sqrt(reach).mean())


def check_cluster_arguments(
    n: int, bandwidth: float | None, seeds: int, max_iterations: int, most: int
) -> None:
    """Refuse what `clusters_of_samples` cannot work with."""
    check_count(n, least=2)
    for number in (seeds, max_iterations, most):
        check_count(number)
    if bandwidth is not None and not (np.isfinite(bandwidth) and bandwidth > 0):
        raise InputError(
            "The bandwidth must be a positive number of counts.",
            repr(bandwidth),
            "Leave it out to have it made from the samples; the paper's is 800.",
        )
