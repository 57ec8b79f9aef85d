"""How close an image is to the truth, in decibels: PSNR, and PSNR up to brightness and contrast."""

import numpy as np

from divnoising_tf.metrics.checks import checked_images, checked_range, range_of


def psnr(truth: np.ndarray, prediction: np.ndarray, value_range: float | None = None) -> float:
    """Return the peak signal-to-noise ratio, 10 log10(range² / mean squared error).

    Args:
        truth: the clean image, any shape, counts.
        prediction: the image to judge, of the same shape and units.
        value_range: peak value, counts; None for the range of the truth (its maximum less
            its minimum).

    Returns:
        Decibels; infinity for equal images.

    Raises:
        InputError: shapes differ, values are not finite, the truth has no range.

    Example:
        >>> psnr(np.array([[0.0, 10.0]]), np.array([[1.0, 9.0]]))
        20.0
    """
    truth, prediction = checked_images(truth, prediction)
    peak = range_of(truth) if value_range is None else checked_range(value_range)
    error = np.mean((truth - prediction) ** 2)
    return float("inf") if error == 0 else float(10 * np.log10(peak**2 / error))


def psnr_affine(truth: np.ndarray, prediction: np.ndarray) -> float:
    """Return the PSNR after the best change of brightness and contrast.

    The prediction is replaced by a · prediction + b, with a and b from least squares against
    the truth; then `psnr` with the range of the truth. This is the protocol of W2S (Zhou et
    al., ECCV 2020), for truths that were normalised on their own.

    Args:
        truth: the clean image, any shape.
        prediction: the image to judge, of the same shape, in any units.

    Returns:
        Decibels; infinity for a perfect match.

    Raises:
        InputError: shapes differ, values are not finite, the truth has no range.

    Example:
        >>> truth = np.array([[0.0, 10.0], [5.0, 5.0]])
        >>> psnr_affine(truth, 3 * truth + 1 + np.array([[0, 0], [3, -3]]))
        23.2
    """
    truth, prediction = checked_images(truth, prediction)
    range_of(truth)
    centred = prediction - prediction.mean()
    spread = np.sum(centred**2)
    scale = np.sum(centred * (truth - truth.mean())) / spread if spread > 0 else 0.0
    return psnr(truth, scale * centred + truth.mean())


def psnr_scale_invariant(truth: np.ndarray, prediction: np.ndarray) -> float:
    """Return the scale-invariant PSNR of CARE (Weigert et al., Nature Methods 2018).

    Both images are centred on zero, the truth is divided by its standard deviation, and the
    prediction is scaled by the factor of the smallest squared error; the peak is the range of
    the truth, likewise divided. This is the same number as `psnr_affine`: centring is the best
    brightness, and a division of both error and peak cancels. It has its own name because
    CSBDeep, DenoiSeg and CAREamics report it under this one. Those report the mean over images,
    each by itself: so call it for each image of a stack.

    Args:
        truth: the clean image, any shape.
        prediction: the image to judge, of the same shape, in any units.

    Returns:
        Decibels; infinity for a perfect match.

    Raises:
        InputError: shapes differ, values are not finite, the truth has no range.

    Example:
        >>> truth = np.array([[0.0, 10.0], [5.0, 5.0]])
        >>> psnr_scale_invariant(truth, 3 * truth + 1 + np.array([[0, 0], [3, -3]]))
        23.2
    """
    return psnr_affine(truth, prediction)
