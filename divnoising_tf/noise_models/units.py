"""Notices when a noise model and an image do not speak of the same counts."""

import warnings
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from divnoising_tf.errors import BlankImageError, InputError
from divnoising_tf.noise_models import NoiseModel
from divnoising_tf.noise_models.outliers import noise_bounds, pixel_bounds

_PIXELS_LOOKED_AT = 1_000_000
_NOISE_REACH = 4.0  # standard deviations of noise that an observation may lie beyond a signal
_FEW = 0.01  # share of pixels out of range that passes without a word
_MOST = 0.5  # share of pixels out of range that cannot be an accident
_MOST_NAMES = 5
_LEAST_SPREAD = 0.5  # of an image, in standard deviations of its noise


def check_units(images: Any, noise_model: NoiseModel, names: Sequence[str] | None = None) -> float:
    """Compare the range of images with the signal range of a noise model.

    A noise model in other units than the images (8-bit against 12-bit, scaled to 0..1, another
    offset) makes training fail without an error. The rule: a pixel is out of range if it lies
    more than 4 standard deviations of the noise beyond the signal range. More than half of
    the pixels: refused. More than 1 %: a warning. Images whose pixels all together spread less
    than half of the noise alone are refused too.

    Args:
        images: counts: an array, or a list of arrays of any shape.
        noise_model: with a `signal_range`; without one only the spread is compared.
        names: of the images of a list, to say which of them are out of range.

    Returns:
        The share of pixels out of range, 0 to 1.

    Raises:
        BlankImageError: all pixels are equal.
        InputError: the images are far out of the noise model's range, or vary less than its
            noise.

    Example:
        >>> from divnoising_tf.noise_models import GaussianNoiseModel
        >>> noise = GaussianNoiseModel(standard_deviation=10.0, signal_range=(100.0, 4000.0))
        >>> check_units(np.linspace(90, 4030, 1000), noise)
        0.0
    """
    pixels = _some_pixels(images)
    _check_not_blank(images)
    low, high = (float(value) for value in np.quantile(pixels, (0.001, 0.999)))
    described = f"images of {low:g} to {high:g} counts (0.1 % to 99.9 %)"
    advice = (
        "Use a noise model calibrated on images in the same units as these: the same camera, "
        "gain, bit depth and scaling."
    )
    outside = 0.0
    if noise_model.signal_range is not None:
        lowest, highest = noise_model.signal_range
        noise = _standard_deviations(noise_model, (lowest, highest))
        least, most = lowest - _NOISE_REACH * noise[0], highest + _NOISE_REACH * noise[1]
        outside = _share_outside(pixels, least, most)
        described += f" with a noise model for signals of {lowest:g} to {highest:g} counts"
        if names is not None and outside > _FEW:
            described += _worst(images, names, least, most)
    if outside > _MOST:
        raise InputError(
            "The images and the noise model are not in the same units: "
            f"{100 * outside:.0f} % of the pixels are out of the noise model's range.",
            described,
            advice,
        )
    typical = _standard_deviations(noise_model, (float(np.median(pixels)),))[0]
    if pixels.std() < _LEAST_SPREAD * typical:
        raise InputError(
            "The images vary less than their noise alone should, so the noise model is not in "
            "their units.",
            f"{described}; pixels vary by {pixels.std():.3g} (standard deviation), the noise "
            f"model expects {typical:.3g} from noise",
            advice,
        )
    if outside > _FEW:
        warnings.warn(
            f"{100 * outside:.1f} % of the pixels are out of the noise model's range: "
            f"{described}. The noise there is a guess. {advice}",
            stacklevel=2,
        )
    return outside


def noise_share(images: Any, noise_model: NoiseModel) -> float:
    """Return how much of the variance of the pixels is noise, from 0 to 1.

    Args:
        images: noisy, counts: an array, or a list of arrays of any shape.
        noise_model: of the images.

    Example:
        >>> from divnoising_tf.noise_models import GaussianNoiseModel
        >>> signal = np.tile([-30.0, 30.0], 5000)
        >>> noisy = signal + np.random.default_rng(0).normal(0, 60, 10000)
        >>> round(noise_share(noisy, GaussianNoiseModel(60.0)), 1)
        0.8
    """
    pixels = _without_outliers(_some_pixels(images), noise_model)
    if not pixels.var():
        return 0.0
    known = pixels
    if noise_model.signal_range is not None:
        known = np.clip(pixels, *noise_model.signal_range)
    noise = np.mean(_standard_deviations(noise_model, known) ** 2)
    return float(min(1.0, noise / pixels.var()))


def _check_not_blank(images: Any) -> None:
    arrays = list(_arrays(images))
    first = arrays[0].flat[0]
    # nearly always the first row says it
    if all(np.all(array[0] == first) and np.all(array == first) for array in arrays):
        raise BlankImageError(
            "All pixels are equal: the image is blank.",
            f"{first:g} counts everywhere",
            "Leave blank images out, and check that the right files or channels were read.",
        )


def _without_outliers(pixels: np.ndarray, noise_model: NoiseModel) -> np.ndarray:
    """Return the pixels without hot ones, which would outshine all noise; all if they are many."""
    bounds = noise_bounds(noise_model, 1)
    if bounds is None:
        bounds = pixel_bounds(pixels[:, np.newaxis])
    inside = (pixels >= bounds[0].min()) & (pixels <= bounds[1].max())
    return pixels[inside] if inside.mean() > 1 - _FEW else pixels


def _share_outside(pixels: np.ndarray, least: float, most: float) -> float:
    return float(np.mean((pixels < least) | (pixels > most)))


def _worst(images: Any, names: Sequence[str], least: float, most: float) -> str:
    """Name the images of which most pixels are out of range."""
    shares = [_share_outside(_some_pixels(one), least, most) for one in images]
    far = [name for name, share in zip(names, shares, strict=True) if share > _MOST]
    more = f" and {len(far) - _MOST_NAMES} more" * (len(far) > _MOST_NAMES)
    return f"; nearly all in {', '.join(far[:_MOST_NAMES])}{more}" if far else ""


def _some_pixels(images: Any) -> np.ndarray:
    """Return evenly spread pixels of all images, float64."""
    arrays = list(_arrays(images))
    step = max(1, sum(array.size for array in arrays) // _PIXELS_LOOKED_AT)
    if step > 1:
        step |= 1  # an odd step does not keep to the same columns of an image
    return np.concatenate([array.reshape(-1)[::step] for array in arrays]).astype(np.float64)


def _arrays(images: Any) -> Iterator[np.ndarray]:
    if isinstance(images, np.ndarray) or not isinstance(images, Iterable):
        yield np.asarray(images)
    else:
        yield from (np.asarray(one) for one in images)


def _standard_deviations(noise_model: NoiseModel, signals: Any) -> np.ndarray:
    """Return the noise at some signals, counts; of several channels the strongest."""
    values = np.asarray(signals, np.float32)
    models = getattr(noise_model, "models", [noise_model])
    return np.sqrt(np.max([np.asarray(model.variance(values)) for model in models], axis=0))
