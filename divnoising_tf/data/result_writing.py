"""Writes what was made of an image: its results as channels of one file, with their names."""

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from divnoising_tf.data.display_range import with_display_ranges
from divnoising_tf.data.image_metadata import ImageMetadata
from divnoising_tf.data.writing import write_image


def write_results(
    path: str | os.PathLike[str],
    results: Mapping[str, np.ndarray],
    axes: str,
    metadata: ImageMetadata,
    dtype: Any = "float32",
    overwrite: bool = False,
) -> None:
    """Write results of an image as channels of one file, complete or not at all.

    The scale is that of the image.

    Args:
        path: as in `write_image`.
        results: by their names, such as "mean" and "uncertainty"; counts, in the axes of the
            image.
        axes: of the image.
        metadata: of the image; a display range that it lacks is taken from the pixels.
        dtype: of the pixels in the file.
        overwrite: whether an existing file may be replaced.

    Raises:
        InputError: as `write_image`.
    """
    images = list(results.values())
    image, letters = joined(images, axes)
    channels = images[0].shape[axes.index("C")] if "C" in axes else 1
    known = with_display_ranges(metadata.of_results(list(results), channels), image, letters)
    write_image(path, image, letters, dtype, overwrite=overwrite, metadata=known)


def joined(images: Sequence[np.ndarray], axes: str) -> tuple[np.ndarray, str]:
    """Return images as one, in which each is one channel, or as many as it has itself.

    Args:
        images: of one shape.
        axes: their letters.

    Returns:
        The image and its letters; a single image stays as it is.

    Example:
        >>> image, letters = joined([np.zeros((5, 2, 8, 9))] * 3, "TCYX")
        >>> image.shape, letters
        ((6, 5, 8, 9), 'CTYX')
    """
    if len(images) == 1:
        return images[0], axes
    stacked = np.stack(images)
    if "C" not in axes:
        return stacked, f"C{axes}"
    stacked = np.moveaxis(stacked, axes.index("C") + 1, 1)
    return stacked.reshape(-1, *stacked.shape[2:]), f"C{axes.replace('C', '')}"
