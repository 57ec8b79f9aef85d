"""The noise of an image, measured from the noisy image alone."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from divnoising_tf.errors import InputError
from divnoising_tf.noise_models.extreme_values import extreme_piles, hot_pixels

_BLOCK = 8  # pixels, side of the blocks in which noise is measured
_BLOCKS_PER_LEVEL = 60
_MOST_LEVELS = 60
_LEAST_BLOCKS = 16
_FLAT_SHARE = 0.2  # of the blocks of a level: those with the least structure
# second differences along both axes: blind to planes, and white noise keeps its variance
_HIGH_PASS = np.outer([1, -2, 1], [1, -2, 1]) / 6.0


@dataclass(frozen=True)
class NoiseLevels:
    """Noise variance at levels of the signal, from dark to bright.

    Attributes:
        signals: counts, float64 (n,).
        variances: of the noise, counts squared, float64 (n,).
        signal_range: of the blocks' means, 0.5 % to 99.5 %, counts.
    """

    signals: np.ndarray
    variances: np.ndarray
    signal_range: tuple[float, float]

    def end_variances(self) -> tuple[float, float]:
        """Return the variance of the line at both ends of the signal range, counts squared.

        Both are positive: at least a thousandth of the largest variance measured.
        """
        slope, intercept = self.line()
        ends = [intercept + slope * signal for signal in self.signal_range]
        dark, bright = np.maximum(ends, 1e-3 * self.variances.max())
        return float(dark), float(bright)

    def line(self) -> tuple[float, float]:
        """Return slope (counts, not negative) and intercept (counts squared) of the variance.

        Robust: levels that are off, because the image has no flat place that bright, count
        less; errors of a variance grow with itself.
        """
        from scipy.optimize import least_squares

        smallest = 1e-3 * np.median(self.variances) + np.finfo(float).tiny
        line = np.array([0.0, np.median(self.variances)])
        for _ in range(10):
            expected = np.maximum(line[0] * self.signals + line[1], smallest)

            def residuals(line: np.ndarray, expected: np.ndarray = expected) -> np.ndarray:
                return (line[0] * self.signals + line[1] - self.variances) / expected

            bounds = ([0.0, -np.inf], np.inf)
            line = least_squares(residuals, line, bounds=bounds, loss="soft_l1", f_scale=0.1).x
        return float(line[0]), float(line[1])


def noise_levels(image: Any) -> NoiseLevels:
    """Measure the variance of the noise against the signal, from noisy images alone.

    After Foi, Trimeche, Katkovnik, Egiazarian (IEEE Transactions on Image Processing 17, 2008):
    noise from a high-pass filter, in flat places of similar brightness. Flatness is judged on
    the smoothed image, which is nearly independent of the high-pass, so choosing the flattest
    blocks does not choose the least noisy ones. Holds for noise that is independent from pixel
    to pixel. Images that are textured everywhere make the noise seem stronger than it is.

    Args:
        image: noisy image (y, x) or stack (n, y, x), counts.

    Returns:
        `NoiseLevels`.

    Raises:
        InputError: constant images, NaN or infinity, or too few pixels.
    """
    from scipy.ndimage import median_filter

    planes = _checked_planes(image)
    saturated, dead = extreme_piles(planes.ravel())
    surroundings = median_filter(planes, size=(1, 3, 3)).ravel()
    hot = hot_pixels(surroundings, planes.ravel())
    unusable = (saturated | dead | hot).reshape(planes.shape)
    blocks = np.concatenate(
        [_measured_blocks(plane, bad) for plane, bad in zip(planes, unusable, strict=True)]
    )
    if len(blocks) < _LEAST_BLOCKS:
        raise InputError(
            "The image is too small to measure its noise.",
            f"shape {np.shape(image)}, {len(blocks)} usable blocks of {_BLOCK} x {_BLOCK} pixels",
            f"Give images with at least {_LEAST_BLOCKS} such blocks that are not saturated.",
        )
    means, powers, structures = blocks[np.argsort(blocks[:, 0], kind="stable")].T
    levels = int(np.clip(len(means) // _BLOCKS_PER_LEVEL, 1, _MOST_LEVELS))
    signals, variances = [], []
    for members in np.array_split(np.arange(len(means)), levels):
        n_flat = max(4, round(_FLAT_SHARE * len(members)))
        flat = members[np.argsort(structures[members], kind="stable")[:n_flat]]
        signals.append(means[flat].mean())
        variances.append(powers[flat].mean())
    low, high = np.percentile(means, (0.5, 99.5))
    return NoiseLevels(np.array(signals), np.array(variances), (float(low), float(high)))


def _checked_planes(image: Any) -> np.ndarray:
    array = np.asarray(image)
    if array.ndim not in (2, 3) or array.dtype.kind not in "iuf" or not array.size:
        raise InputError(
            "The noise is measured on an image or a stack of images.",
            f"{array.dtype} of shape {array.shape}",
            "Give an array (y, x) or (n, y, x), in counts.",
        )
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise InputError(
            "The image holds NaN or infinity.", f"shape {array.shape}", "Leave these images out."
        )
    if array.min() == array.max():
        raise InputError(
            "The image is constant: all pixels are equal.", array.flat[0], "Leave blank images out."
        )
    return array.reshape(-1, *array.shape[-2:])


def _measured_blocks(plane: np.ndarray, unusable: np.ndarray) -> np.ndarray:
    """Return mean, noise variance and structure of each usable block, (blocks, 3)."""
    from scipy.ndimage import convolve, gaussian_filter

    if min(plane.shape) < _BLOCK + 2:
        return np.empty((0, 3))
    plane = plane.astype(np.float64)
    smooth = gaussian_filter(plane, 1.5)
    down, right = np.gradient(smooth)
    structure = down**2 + right**2
    power = convolve(plane, _HIGH_PASS) ** 2
    parts = [_blocks(values) for values in (plane, power, structure)]
    usable = ~_blocks(unusable).any(axis=1)
    return np.stack([part.mean(axis=1) for part in parts], axis=1)[usable]


def _blocks(values: np.ndarray) -> np.ndarray:
    """Return (blocks, pixels), leaving out the rim, where the filters see mirrored pixels."""
    inner = values[1:-1, 1:-1]
    rows, columns = inner.shape[0] // _BLOCK, inner.shape[1] // _BLOCK
    inner = inner[: rows * _BLOCK, : columns * _BLOCK]
    split = inner.reshape(rows, _BLOCK, columns, _BLOCK).swapaxes(1, 2)
    return split.reshape(rows * columns, _BLOCK * _BLOCK)
