"""How tifffile is told to write a TIFF with all that is known of the image, for every command."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from divnoising_tf.data.image_metadata import ImageMetadata, PixelSize
from divnoising_tf.data.physical_units import converted, short_unit
from divnoising_tf.errors import InputError

ORDER = "TZCYX"
_IMAGEJ_TYPES = ("uint8", "uint16", "float32")
_CLASSIC_TIFF_BYTES = 2**32 - 2**25  # what a TIFF that is not a BigTIFF can hold
_LARGEST = 2**32 - 1  # number that a fraction in a tag is made of


def tiff_options(
    axes: str, shape: Sequence[int], dtype: Any, metadata: ImageMetadata, ome: bool
) -> dict[str, Any]:
    """Return the options of `tifffile.imwrite`: ImageJ's hyperstack, or OME-TIFF.

    Above 4 GB it is a BigTIFF with OME metadata, which ImageJ's own format cannot be.

    Args:
        axes: letters in the order of `ORDER`.
        shape: pixels along each.
        dtype: of the pixels.
        metadata: that fits these axes.
        ome: whether it holds OME metadata whatever its size.

    Raises:
        InputError: ImageJ has no such pixels.
    """
    dtype = np.dtype(dtype)
    big = math.prod(shape) * dtype.itemsize > _CLASSIC_TIFF_BYTES
    options: dict[str, Any] = {"bigtiff": big, "photometric": "minisblack"}
    if ome or big:
        return options | {"ome": True, "metadata": {"axes": axes, **_ome_metadata(metadata)}}
    if dtype.name not in _IMAGEJ_TYPES:
        raise InputError(
            "ImageJ does not read a TIFF of this type.",
            dtype,
            f"Write {', '.join(_IMAGEJ_TYPES)}, or an .ome.tif or .npy file.",
        )
    lengths = dict(zip(axes, shape, strict=True))
    planes = lengths.get("T", 1) * lengths.get("Z", 1)
    imagej = _imagej_sizes(metadata) | _imagej_channels(metadata, lengths.get("C", 1), planes)
    options |= {"imagej": True, "metadata": {"axes": axes, **imagej}}
    return options | _imagej_resolution(metadata)


def imagej_ranges(metadata: ImageMetadata, channels: int) -> list[float]:
    """Return ImageJ's list of display ranges: the lower and the higher of each channel.

    A channel whose range is not known gets the numbers 0 and 1.
    """
    return [value for c in range(channels) for value in metadata.display_ranges.get(c, (0.0, 1.0))]


def _ome_metadata(metadata: ImageMetadata) -> dict[str, Any]:
    names = metadata.channel_names
    result: dict[str, Any] = {} if names is None else {"Channel": {"Name": list(names)}}
    for letter, size in metadata.pixel_sizes.items():
        unit = short_unit(size.unit)
        name = "TimeIncrement" if letter == "T" else f"PhysicalSize{letter}"
        # a size without a unit would be taken for micrometers
        if unit is not None and letter in "TZYX":
            result |= {name: size.size, f"{name}Unit": unit}
    return result


def _imagej_plane(metadata: ImageMetadata) -> tuple[PixelSize, float] | None:
    """Return the size along X, and that along Y in the unit of X; ImageJ knows both or none."""
    sizes = metadata.pixel_sizes
    x, y = sizes.get("X", sizes.get("Y")), sizes.get("Y", sizes.get("X"))
    if x is None or y is None or x.unit is None:
        return None
    height = converted(y.size, y.unit, x.unit)
    if height is None or not all(1 / _LARGEST < size < _LARGEST for size in (x.size, height)):
        return None
    return x, height


def _imagej_sizes(metadata: ImageMetadata) -> dict[str, Any]:
    result: dict[str, Any] = {}
    sizes, plane = metadata.pixel_sizes, _imagej_plane(metadata)
    if plane is not None:
        unit = plane[0].unit
        result["unit"] = _ascii(short_unit(unit) or str(unit))
        if "Z" in sizes:
            spacing = converted(sizes["Z"].size, sizes["Z"].unit, unit)
            result |= {} if spacing is None else {"spacing": spacing}
    if "T" in sizes:
        # every reader takes it for seconds
        interval = converted(sizes["T"].size, sizes["T"].unit, "second")
        result |= {} if interval is None else {"finterval": interval}
    return result


def _imagej_channels(metadata: ImageMetadata, channels: int, planes: int) -> dict[str, Any]:
    result: dict[str, Any] = {}
    if metadata.channel_names is not None:
        result["Labels"] = list(metadata.channel_names) * planes
    if metadata.display_ranges:
        ranges = imagej_ranges(metadata, channels)
        # ImageJ takes the first for images of one channel, the second for others
        result |= {"min": ranges[0], "max": ranges[1]} if channels == 1 else {"Ranges": ranges}
    return result


def _imagej_resolution(metadata: ImageMetadata) -> dict[str, Any]:
    plane = _imagej_plane(metadata)
    if plane is None:
        return {}
    return {"resolution": (1 / plane[0].size, 1 / plane[1])}


def _ascii(unit: str) -> str:
    """Write a unit as ImageJ does, which knows um."""
    return "".join(one if one.isascii() else f"\\u{ord(one):04X}" for one in unit.replace("µ", "u"))
