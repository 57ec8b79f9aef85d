"""An image in a file of any size, of which parts are read when they are asked for."""

import dataclasses
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from divnoising_tf.data.image_metadata import ImageMetadata, PixelSize
from divnoising_tf.errors import InputError


@dataclasses.dataclass(frozen=True)
class LazyImage:
    """An image whose pixels stay in its file.

    Attributes:
        path: the file or folder.
        axes: one letter per axis, such as "TCZYX", slowest first.
        shape: pixels along each axis.
        dtype: of the pixels in the file.
        pixels: the array, read by basic indexing.
        metadata: pixel sizes, names and display ranges of the channels, where they are known.
        channels_as_planes: whether every channel is a plane of its own.
    """

    path: Path
    axes: str
    shape: tuple[int, ...]
    dtype: np.dtype
    pixels: Any
    metadata: ImageMetadata = dataclasses.field(default_factory=ImageMetadata)
    channels_as_planes: bool = False

    @property
    def pixel_sizes(self) -> Mapping[str, PixelSize]:
        """Pixel sizes, for the letters of the axes for which they are known."""
        return self.metadata.pixel_sizes

    @property
    def channel_names(self) -> tuple[str, ...] | None:
        """One name for each channel in the file, or None."""
        return self.metadata.channel_names

    @property
    def stack_axes(self) -> str:
        """Letters of the axes that planes are counted through, in their order."""
        within = "YX" if self.channels_as_planes else "YXC"
        return "".join(letter for letter in self.axes if letter not in within)

    @property
    def stack_shape(self) -> tuple[int, ...]:
        """Lengths of the `stack_axes`."""
        return tuple(self.length(letter) for letter in self.stack_axes)

    @property
    def planes(self) -> int:
        """Number of planes: the product of `stack_shape`."""
        return math.prod(self.stack_shape)

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.length("Y"), self.length("X")

    @property
    def channels(self) -> int:
        """Number of channels of a plane."""
        return 1 if self.channels_as_planes else self.file_channels

    @property
    def file_channels(self) -> int:
        """Number of channels in the file; 1 without an axis C."""
        return self.length("C") if "C" in self.axes else 1

    def length(self, letter: str) -> int:
        """Return the length of one axis."""
        return self.shape[self.axes.index(letter)]

    def read(self, plane: int, rows: slice, columns: slice) -> np.ndarray:
        """Read a rectangle of one plane.

        Args:
            plane: its number, as `data.to_planes` counts them.
            rows: slice with a start and a stop, pixels.
            columns: likewise.

        Returns:
            float32 (y, x, channel), counts.

        Raises:
            InputError: the file cannot be read there, or holds NaN or infinity.
        """
        places: dict[str, Any] = {"Y": rows, "X": columns, "C": slice(None), **self._places(plane)}
        index = tuple(places[letter] for letter in self.axes)
        try:
            region: np.ndarray = np.asarray(self.pixels[index], np.float32)
        except Exception as error:  # codecs raise many kinds for a broken file
            raise InputError(
                "A part of this image cannot be read: the file is damaged or not complete.",
                f"{self.path}, {_place(plane, rows, columns)} ({type(error).__name__}: {error})",
                "Copy or save it again.",
            ) from error
        left = [letter for letter in self.axes if letter not in self.stack_axes]
        if "C" not in left:
            region, left = region[..., np.newaxis], [*left, "C"]
        region = region.transpose([left.index(letter) for letter in "YXC"])
        if not np.isfinite(region.sum(dtype=np.float64)):
            raise InputError(
                "The image holds NaN or infinity.",
                f"{self.path}, {_place(plane, rows, columns)}",
                "Replace them, or crop the image to its valid part.",
            )
        return region

    def stack_place(self, plane: int) -> tuple[int, int]:
        """Return the number of a plane among those without channels, and its first channel."""
        places = self._places(plane)
        channel = places.pop("C", 0)
        lengths = [self.length(letter) for letter in places]
        number = np.ravel_multi_index(tuple(places.values()), lengths) if places else 0
        return int(number), channel

    def _places(self, plane: int) -> dict[str, int]:
        """Return where a plane lies along the `stack_axes`."""
        places = np.unravel_index(plane, self.stack_shape or (1,))
        return {letter: int(place) for letter, place in zip(self.stack_axes, places, strict=False)}

    def require_channels(self, channels: int) -> None:
        """Refuse an image whose number of channels is not the one a model works on.

        Raises:
            InputError: the number differs.
        """
        if self.channels != channels:
            raise InputError(
                f"The image must have {channels} channel(s).",
                f"{self.channels} channel(s) in {self.path} of shape {self.shape} with axes "
                f"{self.axes}",
                "Train a model for these channels, or save the channel alone; a model of one "
                "channel takes all of them one by one with channels_as_planes=True "
                "(--channels-as-planes).",
            )

    def some_regions(self, at_most: int = 16, size: int = 256) -> Iterator[np.ndarray]:
        """Read a few rectangles, spread evenly over planes, rows and columns.

        Args:
            at_most: number of rectangles.
            size: rows and columns of each, pixels.

        Yields:
            float32 (y, x, channel), counts.
        """
        height, width = self.size
        grid = (self.planes, -(-height // size), -(-width // size))
        total = math.prod(grid)
        for number in range(min(at_most, total)):
            place = np.unravel_index(number * total // min(at_most, total), grid)
            plane, row, column = int(place[0]), int(place[1]) * size, int(place[2]) * size
            rows = slice(row, min(row + size, height))
            yield self.read(plane, rows, slice(column, min(column + size, width)))


def _place(plane: int, rows: slice, columns: slice) -> str:
    return (
        f"plane {plane}, rows {rows.start} to {rows.stop - 1}, "
        f"columns {columns.start} to {columns.stop - 1}"
    )
