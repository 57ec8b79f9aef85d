"""Writes images with named axes: TIFF that Fiji opens as a hyperstack, OME-TIFF, NumPy."""

import dataclasses
import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from divnoising_tf.data.axes import checked_axes
from divnoising_tf.data.image_metadata import ImageMetadata
from divnoising_tf.data.tiff_options import ORDER, tiff_options
from divnoising_tf.errors import InputError
from divnoising_tf.files.atomic import atomic_path


def write_image(
    path: str | os.PathLike[str],
    image: np.ndarray,
    axes: str | None = None,
    dtype: Any = "float32",
    channel_names: Sequence[str] | None = None,
    overwrite: bool = False,
    metadata: ImageMetadata | None = None,
) -> None:
    """Write an image as TIFF or .npy, complete or not at all.

    In a TIFF the axes are put into the order T, Z, C, Y, X, which ImageJ asks for; a stack
    without a meaning (S) becomes T, or Z if T is taken.

    Args:
        path: ends in .tif or .tiff (ImageJ hyperstack), .ome.tif or .ome.tiff, or .npy.
        image: counts, one axis per letter of `axes`.
        axes: axes string; None for "YX" and "SYX" by the number of axes.
        dtype: of the pixels in the file. For integers the values are rounded, and those out
            of range are clipped with a warning.
        channel_names: one for each channel; None for those of the metadata.
        overwrite: whether an existing file may be replaced.
        metadata: pixel sizes, names and display ranges, such as `read_image(path).metadata`;
            a .npy file has no place for them.

    Raises:
        InputError: another suffix; axes, names or dtype that do not fit; the file exists;
            the disk is full.
    """
    path = Path(path)
    axes = checked_axes(axes, np.shape(image))
    name = path.name.lower()
    if not name.endswith((".tif", ".tiff", ".npy")):
        raise InputError(
            "This kind of file is not written.", path, "Let the name end in .tif, .ome.tif or .npy."
        )
    values = as_type(image, dtype)
    known = (metadata or ImageMetadata()).fitting(axes, values.shape)
    if channel_names is not None:
        _check_names(channel_names, values.shape[axes.index("C")] if "C" in axes else 1)
        known = dataclasses.replace(known, channel_names=tuple(channel_names))
    with atomic_path(path, overwrite) as temporary:
        try:
            if name.endswith(".npy"):
                np.save(temporary, values)
            else:
                ome = name.endswith((".ome.tif", ".ome.tiff"))
                _write_tiff(temporary, values, axes, known, ome)
        except OSError as error:
            raise InputError(
                "The image could not be written.",
                f"{path} ({error.strerror or error})",
                "Make space on the disk, or choose another folder.",
            ) from error


def as_type(image: np.ndarray, dtype: Any) -> np.ndarray:
    """Convert pixels to another type; integers are rounded and clipped, never wrapped.

    Args:
        image: real numbers, counts.
        dtype: such as "float32" or "uint16".

    Returns:
        Array of that type. A warning says how many values were out of its range.

    Raises:
        InputError: NaN or infinity where integers are wanted; not a type of real numbers.

    Example:
        >>> as_type(np.array([0.6, 254.4]), "uint8")
        array([  1, 254], dtype=uint8)
    """
    image = np.asarray(image)
    try:
        wanted = np.dtype(dtype)
    except TypeError:
        wanted = np.dtype(object)
    if wanted.kind not in "uif":
        raise InputError(
            "Pixels cannot be written as this type.", dtype, "Give float32, uint16 or uint8."
        )
    if wanted.kind == "f" or image.dtype == wanted:
        return image.astype(wanted)
    if image.dtype.kind == "f" and not np.isfinite(image).all():
        raise InputError(
            "NaN and infinite pixels cannot be written as integers.",
            f"dtype {wanted}",
            "Write the image as float32.",
        )
    limits = np.iinfo(wanted)
    rounded = np.rint(image.astype(np.float64)) if image.dtype.kind == "f" else image
    outside = int(((rounded < limits.min) | (rounded > limits.max)).sum())
    if outside:
        warnings.warn(
            f"{outside} of {image.size} values are out of the range of {wanted} "
            f"({limits.min} to {limits.max}) and were clipped; float32 keeps them.",
            stacklevel=3,
        )
    # integers are compared exactly; float64 may round the limit of 64 bits up, so clip inside it
    low, high = max(limits.min, rounded.min()), min(limits.max, rounded.max())
    return np.clip(rounded, low, high).astype(wanted)


def _write_tiff(
    path: Path, values: np.ndarray, axes: str, metadata: ImageMetadata, ome: bool
) -> None:
    import tifffile

    letters = hyperstack_axes(axes)
    order = "".join(letter for letter in ORDER if letter in letters)
    values = values.transpose([letters.index(letter) for letter in order])
    known = metadata.renamed(axes, letters)
    tifffile.imwrite(path, values, **tiff_options(order, values.shape, values.dtype, known, ome))


def hyperstack_axes(axes: str) -> str:
    """Return axes without S: a stack without a meaning becomes T, or Z if T is taken.

    Args:
        axes: valid axes string.

    Returns:
        The letters in the same order.

    Raises:
        InputError: T and Z are both taken.

    Example:
        >>> hyperstack_axes("TSYX")
        'TZYX'
    """
    if "S" not in axes:
        return axes
    free = [letter for letter in "TZ" if letter not in axes]
    if not free:
        raise InputError(
            "A hyperstack has no place for this many kinds of stacks.",
            f"axes {axes}",
            "Write one file for each image of the stack, or a .npy file.",
        )
    return axes.replace("S", free[0])


def _check_names(names: Sequence[str], channels: int) -> None:
    if len(names) != channels:
        raise InputError(
            "There must be one name for each channel.",
            f"{len(names)} names for {channels} channels",
            "Give as many names as the axis C is long.",
        )
