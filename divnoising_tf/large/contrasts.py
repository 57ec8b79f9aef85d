"""The counts that a viewer shows black and white, for each channel of large results."""

import math
from typing import Any

import numpy as np

from divnoising_tf.data.display_range import display_range
from divnoising_tf.large.layout import Layout

_PLANES_LOOKED_AT = 16
_PIXELS_LOOKED_AT = 2**20  # of a plane


def contrasts(array: Any, layout: Layout) -> list[dict[str, float]]:
    """Return the range of each channel, and where its contrast begins and ends.

    Args:
        array: the results, or a lower resolution of them, of which some planes are read.
        layout: of the results; its display ranges are kept.

    Returns:
        "min", "max", "start" and "end" for each channel, counts.
    """
    planes = math.prod(layout.length(letter) for letter in layout.stack_axes)
    looked_at = {number * planes // _PLANES_LOOKED_AT for number in range(_PLANES_LOOKED_AT)}
    step = math.ceil(math.sqrt(math.prod(array.shape[-2:]) / _PIXELS_LOOKED_AT))
    every = slice(None, None, step)
    windows = []
    for channel in range(len(layout.labels)):
        pixels = [
            np.asarray(array[layout.index(plane, channel, every, every)]).reshape(-1)
            for plane in sorted(looked_at)
        ]
        values = np.concatenate(pixels)
        known = layout.metadata.display_ranges.get(channel)
        start, end = display_range(values) if known is None else known
        low, high = float(values.min()), float(values.max())
        windows.append({"min": low, "max": high, "start": start, "end": end})
    return windows
