"""Hot pixels and cosmic rays: counts that neither a signal nor its noise explains.

Bounds are the lowest and the highest count that is believed, per channel. They are those of the
noise model; the images widen them where they hold structure beyond, which is not one pixel alone.
"""

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from divnoising_tf.noise_models import NoiseModel
from divnoising_tf.noise_models.extreme_values import Outliers, OutlierWarning

UNBOUNDED = float(np.finfo(np.float32).max)
"""A bound that every finite count keeps."""

# standard deviations of the noise beyond its signals: the tails of an EMCCD, too, end before
_REACH_OF_NOISE = 10.0
# likewise of the pixels themselves, where no noise model says what noise is
_REACH_OF_PIXELS = 20.0
_TRIMMED_SHARE = 0.01  # of the pixels, the farthest off, that do not say how far pixels spread
_PIXELS_LOOKED_AT = 1_000_000
# a pixel's 3×3 median is at least this much of it: a point that the optics make is not one pixel
_SHARE_OF_STRUCTURE = 0.25
_RARE_STRUCTURE = 1e-4  # share of pixels that a large cosmic ray may have, and structure exceeds
_HEADROOM = 2.0  # how much farther from the typical pixel than known structure others may lie
_MOST_NAMES = 5
_ADVICE = (
    "If they are structure, calibrate the noise model on images as bright as that, and train with "
    "it."
)


def unbounded(channels: int) -> np.ndarray:
    """Return bounds that every count keeps, float32 (2, channels)."""
    return np.tile(np.array([[-UNBOUNDED], [UNBOUNDED]], np.float32), channels)


def noise_bounds(noise_model: NoiseModel, channels: int) -> np.ndarray | None:
    """Return the lowest and the highest count that a noise model explains.

    Args:
        noise_model: of the images.
        channels: of the images.

    Returns:
        float32 (2, channels), counts: 10 standard deviations of the noise beyond the signal
        range. None if the noise model has no such range.

    Example:
        >>> from divnoising_tf.noise_models import GaussianNoiseModel
        >>> noise_bounds(GaussianNoiseModel(5.0, signal_range=(100.0, 900.0)), 1)
        array([[ 50.],
               [950.]], dtype=float32)
    """
    models = getattr(noise_model, "models", [noise_model] * channels)
    bounds = []
    for model in models:
        if model.signal_range is None:
            return None
        low, high = ends = np.asarray(model.signal_range, np.float32)
        reach = _REACH_OF_NOISE * np.sqrt(np.asarray(model.variance(ends), np.float64))
        bounds.append((low - reach[0], high + reach[1]))
    values = np.array(bounds, np.float64).T
    # a noise model that knows no noise bounds nothing
    if np.isnan(values).any():
        return None
    return np.clip(values, -UNBOUNDED, UNBOUNDED).astype(np.float32)


def pixel_bounds(images: np.ndarray) -> np.ndarray:
    """Return bounds that pixels themselves suggest, for want of a noise model that does.

    Args:
        images: counts, (..., channel).

    Returns:
        float32 (2, channels), counts: 20 of the pixels' standard deviations around their median,
        both robust. No bounds where nearly all pixels are equal.
    """
    bounds = unbounded(images.shape[-1])
    pixels = images.reshape(-1, images.shape[-1])
    pixels = pixels[:: max(1, len(pixels) // _PIXELS_LOOKED_AT) | 1].astype(np.float64)
    if not len(pixels) or not np.isfinite(pixels).all():
        return bounds
    middle = np.median(pixels, axis=0)
    distance = np.abs(pixels - middle)
    near = distance <= np.quantile(distance, 1 - _TRIMMED_SHARE, axis=0)
    for channel in range(images.shape[-1]):
        spread = np.sqrt(np.mean(distance[near[:, channel], channel] ** 2))
        if spread > 0:
            reach = _REACH_OF_PIXELS * spread * np.array([-1, 1])
            bounds[:, channel] = middle[channel] + reach
    return bounds


def outside(images: np.ndarray, bounds: np.ndarray) -> np.ndarray:
    """Return which counts (..., channel) are beyond the bounds, a mask of that shape."""
    return (images < bounds[0]) | (images > bounds[1])


def surrounding_medians(images: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return the median of the 3×3 pixels around some pixels, mirrored at the borders.

    Args:
        images: (n, y, x), counts.
        mask: which pixels, of this shape.

    Returns:
        float64 (pixels,), in the order of `images[mask]`.
    """
    plane, row, column = np.nonzero(mask)
    height, width = images.shape[1:]
    around = [
        images[
            plane,
            np.clip(row + down, 0, height - 1),
            np.clip(column + right, 0, width - 1),
        ]
        for down in (-1, 0, 1)
        for right in (-1, 0, 1)
    ]
    return np.median(np.asarray(around, np.float64), axis=0)


def widened(
    low: float, high: float, middle: float, values: np.ndarray, medians: np.ndarray, pixels: int
) -> tuple[float, float]:
    """Return bounds that hold the structure among the pixels beyond them.

    Args:
        low: the lower bound, counts.
        high: the upper bound, counts.
        middle: a typical pixel, counts.
        values: all pixels beyond the bounds, counts, (n,).
        medians: of their surroundings, counts, (n,).
        pixels: how many were looked at in all.

    Returns:
        Lower and upper bound, counts.
    """
    structure = (medians - middle) / (values - middle) >= _SHARE_OF_STRUCTURE
    rare = int(_RARE_STRUCTURE * pixels)
    below = np.sort(values[structure & (values < low)])
    above = np.sort(values[structure & (values > high)])[::-1]
    if len(below) > rare:
        low = middle + _HEADROOM * (below[rare] - middle)
    if len(above) > rare:
        high = middle + _HEADROOM * (above[rare] - middle)
    return low, high


def outliers(image: np.ndarray, bounds: np.ndarray) -> Outliers | None:
    """Count the pixels of an image that are beyond the bounds.

    Args:
        image: counts, (..., channel).
        bounds: (2, channels), counts.

    Returns:
        Number and values; None if there are none.

    Example:
        >>> image = np.array([[[100.0], [101.0], [65535.0]]])
        >>> print(outliers(image, np.array([[0.0], [900.0]])))
        1 of 3 pixels (65535 counts)
    """
    # most images have none, and their extremes say so
    axes = tuple(range(image.ndim - 1))
    if np.all(image.min(axis=axes) >= bounds[0]) and np.all(image.max(axis=axes) <= bounds[1]):
        return None
    found = image[outside(image, bounds)]
    return Outliers(found.size, image.size, float(found.min()), float(found.max()))


def bounds_of(model: Any) -> np.ndarray:
    """Return the counts that a model believes, or if it believes all, those its noise model does.

    Args:
        model: a trained `DivNoising`.

    Returns:
        (2, channels), counts.
    """
    if model.is_bounded:
        return model.bounds
    bounds = noise_bounds(model.noise_model, model.channels)
    return unbounded(model.channels) if bounds is None else bounds


def warn_of_training(found: Mapping[str, Outliers], images: int, bounds: np.ndarray) -> None:
    """Warn of outliers in images to train on, in one line for all of them.

    Args:
        found: outliers of the images that have some, by their names.
        images: how many images were looked at.
        bounds: of the model, (2, channels), counts.
    """
    _warn(found, images, bounds, f"They are left out of the training. {_ADVICE}")


def warn_of_denoising(found: Mapping[str, Outliers], images: int, model: Any) -> None:
    """Warn of outliers in images to denoise, in one line for all of them.

    Args:
        found: outliers of the images that have some, by their names.
        images: how many images were looked at.
        model: the `DivNoising` that denoises them.
    """
    consequence = f"The network sees them at the nearest count of that range. {_ADVICE}"
    if not model.is_bounded:
        consequence = (
            "This model has no bounds for them, so they spoil their surroundings: replace them "
            "before, or train the model anew."
        )
    _warn(found, images, bounds_of(model), consequence)


def described_bounds(bounds: np.ndarray) -> str:
    """Return bounds in words.

    Example:
        >>> described_bounds(np.array([[50.0], [950.0]]))
        '50 to 950 counts'
    """
    parts = (
        "any" if high == UNBOUNDED else f"{low:.4g} to {high:.4g}"
        for low, high in zip(*bounds, strict=True)
    )
    return f"{', '.join(parts)} counts"


def _warn(found: Mapping[str, Outliers], images: int, bounds: np.ndarray, consequence: str) -> None:
    if not found:
        return
    shown = [f"{name}: {one}" for name, one in list(found.items())[:_MOST_NAMES]]
    shown += [f"and {len(found) - _MOST_NAMES} more"] * (len(found) > _MOST_NAMES)
    where = f" in {len(found)} of {images} images" if images > 1 else ""
    warnings.warn(
        f"Hot pixels or cosmic rays{where}, out of the {described_bounds(bounds)} that signal and "
        f"noise explain: {'; '.join(shown)}. {consequence}",
        OutlierWarning,
        stacklevel=3,
    )
