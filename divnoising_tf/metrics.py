"""How close an image is to the truth: PSNR, PSNR up to brightness and contrast, SSIM."""

import numpy as np

from divnoising_tf.errors import InputError


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
    truth, prediction = _checked(truth, prediction)
    peak = _range(truth) if value_range is None else _checked_range(value_range)
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
    truth, prediction = _checked(truth, prediction)
    _range(truth)
    centred = prediction - prediction.mean()
    spread = np.sum(centred**2)
    scale = np.sum(centred * (truth - truth.mean())) / spread if spread > 0 else 0.0
    return psnr(truth, scale * centred + truth.mean())


def ssim(truth: np.ndarray, prediction: np.ndarray, value_range: float | None = None) -> float:
    """Return the structural similarity (Wang et al., 2004), as scikit-image computes it.

    Args:
        truth: the clean image (y, x), or a stack (n, y, x) of which the mean is taken; counts.
        prediction: the image to judge, of the same shape and units.
        value_range: counts; None for the range of the truth, over the whole stack.

    Returns:
        1 for equal images, around 0 for unrelated ones.

    Raises:
        InputError: as `psnr`, or an image is smaller than the window of 7 x 7 pixels.

    Example:
        >>> image = np.arange(64.0).reshape(8, 8)
        >>> ssim(image, image)
        1.0
    """
    from skimage.metrics import structural_similarity

    truth, prediction = _checked(truth, prediction)
    if truth.ndim not in (2, 3) or min(truth.shape[-2:]) < 7:
        raise InputError(
            "SSIM needs images of at least 7 x 7 pixels.",
            f"shape {truth.shape}",
            "Give an image (y, x) or a stack (n, y, x).",
        )
    span = _range(truth) if value_range is None else _checked_range(value_range)
    planes = zip(np.atleast_3d(truth.T).T, np.atleast_3d(prediction.T).T, strict=True)
    return float(np.mean([structural_similarity(a, b, data_range=span) for a, b in planes]))


def _checked(truth: np.ndarray, prediction: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    truth, prediction = np.asarray(truth), np.asarray(prediction)
    if truth.shape != prediction.shape or truth.size == 0:
        raise InputError(
            "The truth and the prediction must have the same shape.",
            f"{truth.shape} and {prediction.shape}",
            "Crop or squeeze one of them.",
        )
    for name, image in (("truth", truth), ("prediction", prediction)):
        if image.dtype.kind not in "uifb" or not np.isfinite(image).all():
            raise InputError(
                f"The {name} has pixels that are not finite real numbers.",
                f"dtype {image.dtype}",
                "Compare finite images only.",
            )
    return truth.astype(np.float64), prediction.astype(np.float64)


def _range(truth: np.ndarray) -> float:
    span = float(truth.max() - truth.min())
    if span == 0:
        raise InputError(
            "All pixels of the truth are equal, so that it has no range.",
            f"the value {truth.flat[0]:g}",
            "Give a truth with contrast, or say value_range.",
        )
    return span


def _checked_range(value_range: float) -> float:
    if not (np.isfinite(value_range) and value_range > 0):
        raise InputError(
            "The range of values must be positive and finite.",
            value_range,
            "Give it in counts, such as 255.",
        )
    return float(value_range)
