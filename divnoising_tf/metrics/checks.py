"""What two images must be before they are compared."""

import numpy as np

from divnoising_tf.errors import InputError


def checked_images(truth: np.ndarray, prediction: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return both images as float64, or refuse them with the reason."""
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


def range_of(truth: np.ndarray) -> float:
    """Return the maximum of the truth less its minimum, counts, or refuse a flat truth."""
    span = float(truth.max() - truth.min())
    if span == 0:
        raise InputError(
            "All pixels of the truth are equal, so that it has no range.",
            f"the value {truth.flat[0]:g}",
            "Give a truth with contrast, or say value_range.",
        )
    return span


def checked_range(value_range: float) -> float:
    """Return a range of values that the user gave, counts, or refuse it."""
    if not (np.isfinite(value_range) and value_range > 0):
        raise InputError(
            "The range of values must be positive and finite.",
            value_range,
            "Give it in counts, such as 255.",
        )
    return float(value_range)
