"""Reads what a TIFF says of its image: OME's description, ImageJ's, or resolution tags."""

import contextlib
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Mapping
from typing import Any

from divnoising_tf.data.image_metadata import ImageMetadata, PixelSize
from divnoising_tf.data.physical_units import full_unit

_RESOLUTION_UNITS: dict[float, str] = {2: "inch", 3: "centimeter"}
_NO_RESOLUTION = 72.0  # pixels per inch: what programs write that know nothing


def tiff_metadata(file: Any, series: Any, number: int = 0) -> ImageMetadata:
    """Return what a TIFF says of an image in it, as far as it can be understood.

    Args:
        file: tifffile's `TiffFile`.
        series: tifffile's series of the image.
        number: of the series among those of the file.

    Returns:
        Metadata that need not fit the axes, see `ImageMetadata.fitting`.
    """
    tags = series.keyframe.tags
    if file.is_ome:
        return _of_ome(file.ome_metadata, number)
    if file.is_imagej:
        return _of_imagej(file.imagej_metadata or {}, tags, series)
    return ImageMetadata(_of_tags(tags))


def _of_ome(xml: str, number: int) -> ImageMetadata:
    try:
        images = ElementTree.fromstring(xml).findall(".//{*}Pixels")
    except ElementTree.ParseError:
        return ImageMetadata()
    if not images:
        return ImageMetadata()
    pixels = images[number if number < len(images) else 0]
    sizes = {}
    for letter in "XYZT":
        name = "TimeIncrement" if letter == "T" else f"PhysicalSize{letter}"
        unit = full_unit(pixels.get(f"{name}Unit", "s" if letter == "T" else "µm"))
        size = _number(pixels.get(name))
        if size is not None and unit is not None:
            sizes[letter] = PixelSize(size, unit)
    return ImageMetadata(
        sizes, tuple(one.get("Name", "") for one in pixels.findall("{*}Channel")) or None
    )


def _of_imagej(metadata: Mapping[str, Any], tags: Any, series: Any) -> ImageMetadata:
    unit = full_unit(metadata.get("unit"))
    units = {letter: full_unit(metadata.get(f"{letter.lower()}unit")) or unit for letter in "XYZ"}
    sizes = {
        letter: PixelSize(size, units[letter])
        for letter, size in _pixels_per_unit(tags)
        if units[letter]
    }
    if unit is None:
        sizes = _of_tags(tags)
    spacing, interval = _number(metadata.get("spacing")), _number(metadata.get("finterval"))
    if units["Z"] and spacing:
        # negative where slices were taken downwards
        sizes["Z"] = PixelSize(abs(spacing), units["Z"])
    if interval:
        sizes["T"] = PixelSize(interval, full_unit(metadata.get("tunit")) or "second")
    # S are the samples of a pixel: red, green and blue
    of_channels = [series.shape[place] for place, one in enumerate(series.axes) if one in "CS"]
    channels = of_channels[0] if of_channels else 1
    names = _channel_names(metadata.get("Labels"), channels)
    return ImageMetadata(sizes, names, _display_ranges(metadata, channels))


def _of_tags(tags: Any) -> dict[str, PixelSize]:
    tag = tags.get("ResolutionUnit")
    unit = None if tag is None else _RESOLUTION_UNITS.get(_number(tag.value) or 0)
    if unit is None:
        return {}
    sizes = {letter: PixelSize(size, unit) for letter, size in _pixels_per_unit(tags)}
    meaningless = unit == "inch" and any(
        abs(1 / size.size - _NO_RESOLUTION) < 1e-3 for size in sizes.values()
    )
    return {} if meaningless else sizes


def _pixels_per_unit(tags: Any) -> Iterator[tuple[str, float]]:
    """Yield X and Y with the size of a pixel: the tags hold pixels per unit, as a fraction."""
    for letter in "XY":
        tag = tags.get(f"{letter}Resolution")
        with contextlib.suppress(TypeError, ValueError, IndexError, ZeroDivisionError):
            if tag is not None and tag.value[1]:
                yield letter, tag.value[1] / tag.value[0]


def _channel_names(labels: Any, channels: int) -> tuple[str, ...] | None:
    """Return ImageJ's labels of planes, where they are names of the channels."""
    labels = [labels] if isinstance(labels, str) else list(labels or ())
    # below its first line ImageJ keeps what else is known of a plane
    names = [str(label).split("\n")[0].strip() for label in labels]
    of_channels = names[:channels]
    if channels == 1 or any(name != of_channels[n % channels] for n, name in enumerate(names)):
        return None
    if any(_is_a_number(name) for name in of_channels):
        return None
    return tuple(of_channels)


def _is_a_number(label: str) -> bool:
    # Bio-Formats and deepImageJ label planes by their number
    return bool(re.fullmatch(r"\d*|[czt]:\d.*", label))


def _display_ranges(metadata: Mapping[str, Any], channels: int) -> dict[int, tuple[float, float]]:
    values = [_number(value) for value in metadata.get("Ranges") or ()]
    if len(values) != 2 * channels:
        # a stack that is not composite has one range
        values = [_number(metadata.get(name)) for name in ("min", "max")] * channels
    pairs = zip(values[::2], values[1::2], strict=True)
    return {
        channel: (low, high)
        for channel, (low, high) in enumerate(pairs)
        if low is not None and high is not None
    }


def _number(value: Any) -> float | None:
    with contextlib.suppress(TypeError, ValueError, OverflowError):
        return float(value)
    return None
