"""What an image and a model must be before a posterior is made of them."""

from typing import Any

import numpy as np

from divnoising_tf.data.checks import check_values
from divnoising_tf.errors import InputError
from divnoising_tf.posterior.contract import LatentVariableModel


def check_trained(model: LatentVariableModel) -> None:
    """Refuse a model that has not seen data yet, or whose training ended in NaN."""
    model.check_trained()


def check_image(image: Any) -> np.ndarray:
    """Return the image as float32, or refuse it with the reason."""
    array = np.asarray(image)
    check_values(array)
    if array.ndim < 2:
        raise InputError(
            "This is not an image.", f"shape {array.shape}", "Give an array with rows and columns."
        )
    return array.astype(np.float32)


def default_axes(ndim: int, channels: int) -> str:
    """Return the axes of an image of so many dimensions, or refuse to guess."""
    letters = ("YX", "SYX") if channels == 1 else ("CYX", "SCYX")
    for one in letters:
        if len(one) == ndim:
            return one
    raise InputError(
        "The axes of this image are not clear.",
        f"{ndim} dimensions",
        'Say what they are, for example axes="TYX".',
    )
