"""What a file says of an image beside its pixels: sizes, channel names, display ranges."""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np


class PixelSize(NamedTuple):
    """Distance of two pixels along one axis.

    Attributes:
        size: in the unit.
        unit: a full English name, such as "micrometer" or "second"; None if it is not known.
        origin: where the first pixel lies, in the unit.
    """

    size: float = 1.0
    unit: str | None = None
    origin: float = 0.0


@dataclasses.dataclass(frozen=True)
class ImageMetadata:
    """What is known of an image beside its pixels.

    Attributes:
        pixel_sizes: for the letters of the axes for which they are known; that of Z is the
            spacing of slices, that of T the interval of frames.
        channel_names: one for each channel, or None.
        display_ranges: the counts shown black and white, by the number of the channel, for
            those for which they are known.
    """

    pixel_sizes: Mapping[str, PixelSize] = dataclasses.field(default_factory=dict)
    channel_names: tuple[str, ...] | None = None
    display_ranges: Mapping[int, tuple[float, float]] = dataclasses.field(default_factory=dict)

    def fitting(self, axes: str, shape: Sequence[int], dtype: Any = float) -> "ImageMetadata":
        """Return what of it can be true for an image of these axes.

        Files are wrong now and then: sizes of axes that the image does not have, sizes and
        ranges that are no numbers, and another number of names than channels are left out. So is
        a display range of all numbers that integers have: it is what programs write that know
        none.

        Args:
            axes: letters of the image.
            shape: pixels along each.
            dtype: of its pixels in the file.

        Example:
            >>> ImageMetadata({"Z": PixelSize(0.3)}, ("DAPI",)).fitting("YX", (8, 9))
            ImageMetadata(pixel_sizes={}, channel_names=('DAPI',), display_ranges={})
        """
        channels = shape[axes.index("C")] if "C" in axes else 1
        names = tuple(_printable(name) for name in self.channel_names or ())
        dtype = np.dtype(dtype)
        limits = np.iinfo(dtype) if dtype.kind in "ui" else np.finfo(np.float64)
        return ImageMetadata(
            {
                letter: size
                for letter, size in self.pixel_sizes.items()
                if letter in axes and 0 < size.size < math.inf and math.isfinite(size.origin)
            },
            names if len(names) == channels and all(names) else None,
            {
                channel: (low, high)
                for channel, (low, high) in self.display_ranges.items()
                if channel < channels
                and -math.inf < low < high < math.inf
                and (low > limits.min or high < limits.max)
            },
        )

    def renamed(self, axes: str, renamed: str) -> "ImageMetadata":
        """Return it for axes of other names.

        Args:
            axes: letters of the axes.
            renamed: their new letters, in the same order.

        Example:
            >>> ImageMetadata({"S": PixelSize(2.0)}).renamed("SYX", "TYX").pixel_sizes["T"].size
            2.0
        """
        letters = dict(zip(axes, renamed, strict=True))
        sizes = {letters[one]: size for one, size in self.pixel_sizes.items() if one in letters}
        return dataclasses.replace(self, pixel_sizes=sizes)

    def of_results(self, results: Sequence[str], channels: int) -> "ImageMetadata":
        """Return that of an image whose channels are results, each with the image's channels.

        Sizes stay. All results are shown in the range of the image, except for the uncertainty,
        which is no brightness.

        Args:
            results: such as "mean", "uncertainty", "sample 1", ….
            channels: number of channels of the image.

        Example:
            >>> ImageMetadata({}, ("DAPI", "GFP")).of_results(["mean"], 2).channel_names
            ('mean, DAPI', 'mean, GFP')
        """
        own = [f"channel {c}" for c in range(1, channels + 1)] if channels > 1 else [""]
        endings = [f", {name}" if name else "" for name in self.channel_names or own]
        every = [(result, channel) for result in results for channel in range(channels)]
        return dataclasses.replace(
            self,
            channel_names=tuple(result + endings[channel] for result, channel in every),
            display_ranges={
                number: self.display_ranges[channel]
                for number, (result, channel) in enumerate(every)
                if channel in self.display_ranges and result != "uncertainty"
            },
        )


def _printable(name: str) -> str:
    """Leave out what has no place in a name, nor in XML."""
    return "".join(one for one in str(name) if one.isprintable()).strip()
