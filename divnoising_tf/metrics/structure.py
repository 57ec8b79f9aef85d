"""How alike the structure of two images is: SSIM, and SSIM over several scales."""

import numpy as np

from divnoising_tf.errors import InputError
from divnoising_tf.metrics.checks import checked_images, checked_range, range_of

# five scales, each half of the one before, and at the last one window of 11 x 11 pixels
_LEAST_SIDE = 161


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

    truth, prediction = checked_images(truth, prediction)
    if truth.ndim not in (2, 3) or min(truth.shape[-2:]) < 7:
        raise InputError(
            "SSIM needs images of at least 7 x 7 pixels.",
            f"shape {truth.shape}",
            "Give an image (y, x) or a stack (n, y, x).",
        )
    span = range_of(truth) if value_range is None else checked_range(value_range)
    planes = zip(np.atleast_3d(truth.T).T, np.atleast_3d(prediction.T).T, strict=True)
    return float(np.mean([structural_similarity(a, b, data_range=span) for a, b in planes]))


def ms_ssim(truth: np.ndarray, prediction: np.ndarray, value_range: float | None = None) -> float:
    """Return the multi-scale structural similarity (Wang et al., 2003), as TensorFlow computes it.

    SSIM compares windows of a few pixels. This one also compares the images halved once to four
    times, so that what is wrong with a whole cell counts as well as what is wrong with its edge.

    Args:
        truth: the clean image (y, x), or a stack (n, y, x) of which the mean is taken; counts.
        prediction: the image to judge, of the same shape and units.
        value_range: counts; None for the range of the truth, over the whole stack.

    Returns:
        1 for equal images, around 0 for unrelated ones.

    Raises:
        InputError: as `psnr`, or a side of an image is shorter than 161 pixels.

    Example:
        >>> image = np.arange(176.0 * 176).reshape(176, 176)
        >>> ms_ssim(image, image)
        1.0
    """
    import tensorflow as tf

    truth, prediction = checked_images(truth, prediction)
    if truth.ndim not in (2, 3) or min(truth.shape[-2:]) < _LEAST_SIDE:
        raise InputError(
            f"Multi-scale SSIM needs images of at least {_LEAST_SIDE} x {_LEAST_SIDE} pixels.",
            f"shape {truth.shape}",
            "Give an image (y, x) or a stack (n, y, x), or take ssim.",
        )
    span = range_of(truth) if value_range is None else checked_range(value_range)
    # TensorFlow computes in float32: with a range of 1 the fewest digits are lost
    planes = (image.reshape(-1, *image.shape[-2:], 1) / span for image in (truth, prediction))
    return float(
        np.mean([tf.image.ssim_multiscale(a, b, 1.0) for a, b in zip(*planes, strict=True)])
    )
