"""Where the truth lies among samples, pixel by pixel, without keeping the samples."""

import numpy as np


class RunningRanks:
    """Counts how many samples are below the truth, and how many equal it.

    If truth and samples are draws of one distribution, the truth is equally likely at each of
    the K + 1 places among K samples. The place is spread evenly over its part 1 / (K + 1) of
    the range from 0 to 1, and over those of all places that equal samples leave open. The
    result is uniform for every K, with ties and without, and nothing is random in it.

    Args:
        truth: any shape.

    Example:
        >>> ranks = RunningRanks(np.array([0.0, 2.5, 2.0]))
        >>> for value in (1, 2, 3):
        ...     ranks.add(np.full(3, value))
        >>> ranks.masses()  # the last pixel: half below its equal, half above
        array([0.3333, 0.1667, 0.5   , 0.    ])
    """

    def __init__(self, truth: np.ndarray) -> None:
        self._truth = truth
        self._below = np.zeros(truth.shape, np.int32)
        self._equal = np.zeros(truth.shape, np.int32)
        self.count = 0

    def add(self, sample: np.ndarray) -> None:
        """Add one sample of the truth's shape."""
        self._below += sample < self._truth
        self._equal += sample == self._truth
        self.count += 1

    def masses(self) -> np.ndarray:
        """Return the share of pixels at each place among the samples, (samples + 1,)."""
        first = self._below.ravel()
        last = first + self._equal.ravel() + 1
        weight = 1.0 / (last - first)
        places = self.count + 2
        steps = np.bincount(first, weight, places) - np.bincount(last, weight, places)
        return np.cumsum(steps)[:-1] / first.size

    def distribution(self, quantiles: np.ndarray) -> np.ndarray:
        """Return the share of pixels whose truth is below these quantiles of the samples.

        Args:
            quantiles: from 0 to 1.

        Returns:
            Array of their shape; equal to the quantiles if the samples are calibrated.
        """
        cumulated = np.concatenate([[0.0], np.cumsum(self.masses())])
        return np.interp(quantiles, np.linspace(0, 1, self.count + 2), cumulated)
