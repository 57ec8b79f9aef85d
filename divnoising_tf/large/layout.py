"""Where the results of an image lie in one file: its axes, with a channel for each result."""

import dataclasses
from typing import Any

import numpy as np

from divnoising_tf.data.image_metadata import ImageMetadata
from divnoising_tf.data.writing import hyperstack_axes
from divnoising_tf.large.lazy_image import LazyImage

ZARR_ORDER = "TCZYX"


@dataclasses.dataclass(frozen=True)
class Layout:
    """Axes, shape and channels of a file of results.

    Attributes:
        axes: letters, slowest first; with C always.
        shape: pixels along each axis.
        metadata: pixel sizes; the channels "mean", "uncertainty", "sample 1", "sample 2", ….
        stack_axes: letters of the axes that a number of a plane counts through; never C.
    """

    axes: str
    shape: tuple[int, ...]
    metadata: ImageMetadata
    stack_axes: str

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the channels."""
        return self.metadata.channel_names or ()

    def index(self, plane: int, channels: Any, rows: slice, columns: slice) -> tuple[Any, ...]:
        """Return the index of a rectangle of one plane.

        Args:
            plane: its number in the noisy image, channels apart.
            channels: a number or a slice.
            rows: slice, pixels.
            columns: slice, pixels.

        Returns:
            One number or slice for each axis of the file.
        """
        sizes = tuple(self.length(letter) for letter in self.stack_axes)
        places = dict(zip(self.stack_axes, np.unravel_index(plane, sizes or (1,)), strict=False))
        parts: dict[str, Any] = {letter: int(place) for letter, place in places.items()}
        parts |= {"C": channels, "Y": rows, "X": columns}
        return tuple(parts[letter] for letter in self.axes)

    def length(self, letter: str) -> int:
        """Return the length of one axis."""
        return self.shape[self.axes.index(letter)]


def result_layout(image: LazyImage, samples: int, order: str = ZARR_ORDER) -> Layout:
    """Return the layout of the results of an image.

    Args:
        image: the noisy image.
        samples: number of samples that are kept beside MMSE and uncertainty.
        order: of the axes, out of all five letters.

    Raises:
        InputError: more kinds of stacks than the file has axes for.
    """
    axes = hyperstack_axes(image.axes)
    renamed = dict(zip(image.axes, axes, strict=True))
    results = ["mean", "uncertainty", *(f"sample {k}" for k in range(1, samples + 1))]
    channels = image.file_channels
    lengths = dict(zip(axes, image.shape, strict=True)) | {"C": len(results) * channels}
    letters = "".join(letter for letter in order if letter in lengths)
    return Layout(
        letters,
        tuple(lengths[letter] for letter in letters),
        image.metadata.renamed(image.axes, axes).of_results(results, channels),
        "".join(renamed[letter] for letter in image.stack_axes if letter != "C"),
    )
