"""Mean shift the way the authors of DivNoising call it: scikit-learn, one seed, one window."""

import numpy as np
from sklearn.cluster import MeanShift
from threadpoolctl import threadpool_limits


def reference_mode(points, bandwidths):
    """Return the centre of one window, points (n, coordinates), bandwidth after bandwidth."""
    points = np.asarray(points, np.float64)
    seed = points.mean(axis=0, keepdims=True)
    # threads of such small products wait for each other longer than they compute
    with threadpool_limits(1):
        for bandwidth in bandwidths:
            try:
                seed = MeanShift(bandwidth=bandwidth, seeds=seed).fit(points).cluster_centers_
            except ValueError as error:
                # no point in reach: the seed is kept
                if "No point was within bandwidth" not in str(error):
                    raise
    return seed[0]


def reference_clusters(points, bandwidth, seeds, max_iterations):
    """Return scikit-learn's MeanShift of points, with the first of them as seeds."""
    points = np.asarray(points, np.float64)
    with threadpool_limits(1):
        shift = MeanShift(bandwidth=bandwidth, seeds=points[:seeds], max_iter=max_iterations)
        return shift.fit(points)
