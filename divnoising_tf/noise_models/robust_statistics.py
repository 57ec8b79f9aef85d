"""Mean, standard deviation and bounds of images that come batch by batch, outliers left out."""

from typing import NamedTuple

import numpy as np

from divnoising_tf.errors import InputError
from divnoising_tf.noise_models.outliers import (
    Outliers,
    outside,
    pixel_bounds,
    surrounding_medians,
    unbounded,
    widened,
)

# without a noise model, what more pixels have than this is no accident
_MOST_OUTLIERS = 0.01


class Measured(NamedTuple):
    """What images say, counts.

    Attributes:
        mean: of the pixels within the bounds, float64 (channels,).
        standard_deviation: likewise.
        bounds: lowest and highest count that is believed, float32 (2, channels).
        outliers: the pixels beyond, None if there are none.
    """

    mean: np.ndarray
    standard_deviation: np.ndarray
    bounds: np.ndarray
    outliers: Outliers | None


class RobustStatistics:
    """Gathers batches of images, then says mean, standard deviation and bounds.

    Without outliers, mean and standard deviation are those of all pixels.

    Args:
        channels: of the images.
        bounds: of the noise model, counts, (2, channels), see `outliers.noise_bounds`; None to
            find them from the pixels.

    Example:
        >>> images = np.random.default_rng(0).normal(100, 5, (2, 32, 32, 1))
        >>> images[0, 7, 9] = 65535
        >>> statistics = RobustStatistics(1)
        >>> statistics.add(images)
        >>> measured = statistics.measured()
        >>> round(float(measured.standard_deviation[0])), str(measured.outliers)
        (5, '1 of 2048 pixels (65535 counts)')
    """

    def __init__(self, channels: int, bounds: np.ndarray | None = None):
        self._channels = channels
        self._bounds = bounds
        self._known = bounds is not None
        self._pixels = 0
        self._typical = np.zeros(channels)
        self._sums = np.zeros((2, channels))
        self._sums_inside = np.zeros((2, channels))
        self._beyond: list[list[np.ndarray]] = [[] for _ in range(channels)]

    def add(self, images: np.ndarray) -> None:
        """Add a batch (n, y, x, channel), counts."""
        if not images.size:
            return
        if not self._pixels:
            self._typical = np.median(images.reshape(-1, self._channels), axis=0)
        if self._bounds is None:
            self._bounds = pixel_bounds(images)
        pixels = images.reshape(-1, self._channels).astype(np.float64)
        self._pixels += len(pixels)
        sums = np.stack([pixels.sum(axis=0), np.square(pixels).sum(axis=0)])
        self._sums += sums
        beyond = outside(images, self._bounds)
        if beyond.any():
            inside = np.where(beyond.reshape(pixels.shape), 0.0, pixels)
            sums = np.stack([inside.sum(axis=0), np.square(inside).sum(axis=0)])
            for channel, parts in enumerate(self._beyond):
                plane, mask = images[..., channel], beyond[..., channel]
                values = plane[mask].astype(np.float64)
                parts.append(np.stack([values, surrounding_medians(plane, mask)]))
        self._sums_inside += sums

    def measured(self) -> Measured:
        """Return what was found.

        Raises:
            InputError: there were no images.
        """
        if self._bounds is None or not self._pixels:
            raise InputError("There are no images.", "0 pixels", "Give at least one image.")
        bounds, left_out = self._bounds.astype(np.float64), []
        # infinity is no outlier: it is refused by whoever sees the sums
        finite = bool(np.isfinite(self._sums).all())
        sums, numbers = self._sums.copy(), np.full(self._channels, self._pixels)
        for channel, parts in enumerate(self._beyond):
            if not (parts and finite):
                continue
            values, medians = np.concatenate(parts, axis=1)
            low, high = bounds[:, channel]
            middle = self._typical[channel]
            low, high = widened(low, high, middle, values, medians, self._pixels)
            out = (values < low) | (values > high)
            if not self._known and out.mean() * len(values) > _MOST_OUTLIERS * self._pixels:
                bounds[:, channel] = unbounded(1)[:, 0]
                continue
            bounds[:, channel] = low, high
            if out.any():
                kept = values[~out]
                sums[:, channel] = self._sums_inside[:, channel]
                sums[:, channel] += kept.sum(), np.square(kept).sum()
                numbers[channel] -= out.sum()
                left_out.append(values[out])
        with np.errstate(invalid="ignore"):
            mean = sums[0] / np.maximum(numbers, 1)
            variance = sums[1] / np.maximum(numbers, 1) - mean**2
        found = np.concatenate(left_out) if left_out else np.empty(0)
        return Measured(
            mean,
            np.sqrt(np.maximum(variance, 0)),
            bounds.astype(np.float32),
            Outliers(found.size, self._pixels * self._channels, found.min(), found.max())
            if found.size
            else None,
        )
