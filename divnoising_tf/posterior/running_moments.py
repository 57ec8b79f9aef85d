"""Mean and standard deviation of a stream of images, without keeping the images."""

import dataclasses
from collections.abc import Iterator

import numpy as np


@dataclasses.dataclass(frozen=True, eq=False)
class Moments:
    """Mean and standard deviation of posterior samples; unpacks into these two.

    Attributes:
        mean: counts, of the image's shape.
        standard_deviation: of the samples, not of their mean; counts, likewise.
        samples: how many samples they were made of.

    Example:
        >>> mean, deviation = Moments(np.ones(3), np.zeros(3), samples=100)
        >>> mean, deviation
        (array([1., 1., 1.]), array([0., 0., 0.]))
    """

    mean: np.ndarray
    standard_deviation: np.ndarray
    samples: int

    def __iter__(self) -> Iterator[np.ndarray]:
        """Iterate over mean and standard deviation."""
        return iter((self.mean, self.standard_deviation))


class RunningMoments:
    """Running mean and sum of squared deviations (Chan, Golub, LeVeque 1983).

    A draw is one image, or an antithetic pair. The mean of a pair is a draw of the mean; the
    variance of an image is that of the means of pairs and that within a pair together.

    Args:
        count: number of draws of an earlier state that is continued.
        mean: of these draws.
        squares: sum of their squared deviations from it.
        within: sum of the squared half differences of pairs.

    Example:
        >>> running = RunningMoments()
        >>> running.add(np.array([[1.0, 5.0], [3.0, 5.0]]))
        >>> running.add(np.array([[5.0, 5.0]]))
        >>> running.mean, running.standard_deviation
        (array([3., 5.], dtype=float32), array([2., 0.], dtype=float32))
    """

    def __init__(
        self,
        count: int = 0,
        mean: np.ndarray | float = 0.0,
        squares: np.ndarray | float = 0.0,
        within: np.ndarray | float = 0.0,
    ) -> None:
        self.count = count
        self._mean = mean
        self._squares = squares
        self._within = within

    def add(self, images: np.ndarray, partners: np.ndarray | None = None) -> None:
        """Add a batch (n, *shape), or one of pairs with their partners likewise."""
        batch = images.astype(np.float64)
        if partners is not None:
            half = (batch - partners) / 2
            batch -= half
            self._within = self._within + np.square(half).sum(axis=0)
        mean = batch.mean(axis=0)
        total = self.count + len(batch)
        shift = mean - self._mean
        squares = np.square(batch - mean).sum(axis=0)
        self._squares = self._squares + squares + shift**2 * (self.count * len(batch) / total)
        self._mean = self._mean + shift * (len(batch) / total)
        self.count = total

    @property
    def mean(self) -> np.ndarray:
        """Mean so far, float32."""
        return np.asarray(self._mean, np.float32)

    @property
    def state(self) -> tuple[np.ndarray, ...]:
        """What a later one continues from, beside the count: mean, squares, within; float32."""
        state = (self._mean, self._squares, self._within)
        return tuple(np.asarray(one, np.float32) for one in state)

    @property
    def standard_deviation(self) -> np.ndarray:
        """Standard deviation of the images so far (of its unbiased variance), float32."""
        variance = np.asarray(self._squares) / max(self.count - 1, 1)
        variance = variance + np.asarray(self._within) / max(self.count, 1)
        return np.sqrt(variance).astype(np.float32)


def deviation_in_place(
    drawn: int, squares: np.ndarray, within: np.ndarray | None = None
) -> np.ndarray:
    """Return the standard deviation of `RunningMoments` in place of its squares, counts.

    The images may be large: nothing is copied, and both arguments are used up.

    Args:
        drawn: number of draws, at least 2.
        squares: of the state of `RunningMoments`, counts².
        within: of its state for antithetic pairs, counts²; None without pairs.
    """
    squares /= drawn - 1
    if within is not None:
        within /= drawn
        squares += within
    return np.sqrt(squares, out=squares)
