"""The means of the channels of a large image, from a few of their pixels."""

import numpy as np

from divnoising_tf.large.lazy_image import LazyImage

_PLANES = 3  # of each channel
_SIZE = 256  # rows and columns of the middle of a plane, pixels


def channel_means(image: LazyImage) -> dict[str, float]:
    """Return about the mean of each channel, counts, by the channel's name.

    Args:
        image: whose channels are planes.

    Raises:
        InputError: the file cannot be read, or holds NaN or infinity.
    """
    names = image.channel_names or [f"channel {c}" for c in range(1, image.file_channels + 1)]
    planes: dict[int, list[int]] = {}
    for plane in range(image.planes):
        planes.setdefault(image.stack_place(plane)[1], []).append(plane)
    rows, columns = (_middle(length) for length in image.size)
    means = {}
    for channel, name in enumerate(names):
        every = -(-len(planes[channel]) // _PLANES)
        read = [image.read(plane, rows, columns).mean() for plane in planes[channel][::every]]
        means[name] = float(np.mean(read))
    return means


def _middle(length: int) -> slice:
    first = max(0, (length - _SIZE) // 2)
    return slice(first, min(first + _SIZE, length))
