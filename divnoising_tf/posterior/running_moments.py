"""Mean and standard deviation of a stream of images, without keeping the images."""

import numpy as np


class RunningMoments:
    """Running mean and sum of squared deviations (Chan, Golub, LeVeque 1983).

    Example:
        >>> running = RunningMoments()
        >>> running.add(np.array([[1.0, 5.0], [3.0, 5.0]]))
        >>> running.add(np.array([[5.0, 5.0]]))
        >>> running.mean, running.standard_deviation
        (array([3., 5.], dtype=float32), array([2., 0.], dtype=float32))
    """

    def __init__(self) -> None:
        self.count = 0
        self._mean: np.ndarray | float = 0.0
        self._squares: np.ndarray | float = 0.0

    def add(self, images: np.ndarray) -> None:
        """Add a batch (n, *shape)."""
        batch = images.astype(np.float64)
        mean = batch.mean(axis=0)
        total = self.count + len(batch)
        shift = mean - self._mean
        within = np.square(batch - mean).sum(axis=0)
        self._squares = self._squares + within + shift**2 * (self.count * len(batch) / total)
        self._mean = self._mean + shift * (len(batch) / total)
        self.count = total

    @property
    def mean(self) -> np.ndarray:
        """Mean so far, float32."""
        return np.asarray(self._mean, np.float32)

    @property
    def standard_deviation(self) -> np.ndarray:
        """Standard deviation so far (n - 1 in the denominator), float32."""
        return np.sqrt(np.asarray(self._squares) / max(self.count - 1, 1)).astype(np.float32)
