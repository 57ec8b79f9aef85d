"""Channels of an image that a model of one channel denoises one by one."""

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from divnoising_tf.errors import InputError

# mean of a channel, in standard deviations of the training data from their mean
_FAR = 2.0


def stacked_axes(axes: str) -> str:
    """Return axes in which the channels are a stack, for an image that stays as it is.

    Args:
        axes: axes string of an image.

    Raises:
        InputError: the letters of all stacks are taken.

    Example:
        >>> stacked_axes("TCYX"), stacked_axes("YX")
        ('TSYX', 'YX')
    """
    free = [letter for letter in "STZ" if letter not in axes]
    if "C" in axes and not free:
        raise InputError(
            "There are too many kinds of stacks to take the channels as one more.",
            f"axes {axes}",
            "Split the image along one of them.",
        )
    return axes.replace("C", free[0]) if "C" in axes else axes


def means_of_channels(image: np.ndarray, axes: str) -> dict[str, float]:
    """Return the mean of each channel of an image, counts, by the channel's name.

    Example:
        >>> means_of_channels(np.array([[[1, 3]], [[5, 7]]]), "CYX")
        {'channel 1': 2.0, 'channel 2': 6.0}
    """
    channels = np.moveaxis(image, axes.index("C"), 0)
    return {
        f"channel {number}": float(channel.mean(dtype=np.float64))
        for number, channel in enumerate(channels, 1)
    }


def warn_of_channels(model: Any, means: Mapping[str, float]) -> None:
    """Warn that one model denoises several channels, and name those it was not trained for.

    Args:
        model: a trained `DivNoising` of one channel.
        means: of the channels, counts, by their names.
    """
    trained, deviation = float(model.data_mean[0]), float(model.data_standard_deviation[0])
    far = [name for name, mean in means.items() if abs(mean - trained) > _FAR * deviation]
    listed = ", ".join(f"{name}: {mean:.4g}" for name, mean in means.items())
    warnings.warn(
        f"One model denoises {len(means)} channels one by one. It learned from data of mean "
        f"{trained:.4g} and standard deviation {deviation:.4g} counts, of one kind of structure "
        f"and one camera; the means of the channels are {listed}. "
        + (f"Far from the training data: {', '.join(far)}. " if far else "")
        + "A model trained for each channel, or for all of them together, knows better.",
        stacklevel=2,
    )
