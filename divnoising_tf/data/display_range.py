"""The counts that a viewer shows black and white."""

import dataclasses

import numpy as np

from divnoising_tf.data.image_metadata import ImageMetadata

_PERCENTILES = (0.1, 99.9)
_PIXELS_LOOKED_AT = 2**22  # of a channel


def display_range(values: np.ndarray) -> tuple[float, float]:
    """Return the counts that all but a thousandth of the pixels lie above and below.

    Args:
        values: pixels of any shape, counts.

    Returns:
        The lower and the higher, which differ also where all pixels are equal.

    Example:
        >>> display_range(np.zeros((8, 8)))
        (0.0, 1.0)
    """
    low, high = (float(value) for value in np.percentile(values, _PERCENTILES))
    return (low, high) if high > low else (low, low + 1.0)


def with_display_ranges(metadata: ImageMetadata, image: np.ndarray, axes: str) -> ImageMetadata:
    """Return metadata in which each channel has a range; those it has stay.

    Args:
        metadata: of the image.
        image: counts.
        axes: its letters.
    """
    channels = np.moveaxis(image, axes.index("C"), 0) if "C" in axes else image[np.newaxis]
    ranges = dict(metadata.display_ranges)
    for number, channel in enumerate(channels):
        if number not in ranges:
            # every so many pixels, whatever plane they are in; odd, not to follow the columns
            step = channel.size // _PIXELS_LOOKED_AT | 1
            ranges[number] = display_range(channel.reshape(-1)[::step])
    return dataclasses.replace(metadata, display_ranges=ranges)
