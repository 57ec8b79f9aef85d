"""What a file says of its image, read without the package: by tifffile's tags, XML and JSON."""

import json
import re
import xml.etree.ElementTree as ElementTree
from types import SimpleNamespace

import tifffile

# metres and seconds, by every name that may stand in a file
_UNITS = {
    **dict.fromkeys(("nm", "nanometer"), 1e-9),
    **dict.fromkeys(("um", "µm", "micron", "micrometer"), 1e-6),
    **dict.fromkeys(("cm", "centimeter"), 1e-2),
    **dict.fromkeys(("inch", "in"), 0.0254),
    **dict.fromkeys(("ms", "millisecond"), 1e-3),
    **dict.fromkeys(("s", "sec", "second"), 1.0),
    **dict.fromkeys(("min", "minute"), 60.0),
}


def seen_metadata(path):
    """Return axes, sizes by letter (metres, seconds), unit of X, names and display ranges."""
    if path.is_dir():
        return _of_zarr(path)
    with tifffile.TiffFile(path) as file:
        axes = file.series[0].axes
        return _of_ome(file.ome_metadata, axes) if file.is_ome else _of_imagej(file, axes)


def _of_imagej(file, axes):
    metadata, tags = file.imagej_metadata, file.pages[0].tags
    unit, sizes = metadata.get("unit"), {}
    if unit is not None:
        for letter in "XY":
            pixels, units = tags[f"{letter}Resolution"].value
            sizes[letter] = units / pixels * _UNITS[unit]
        if "spacing" in metadata:
            sizes["Z"] = metadata["spacing"] * _UNITS[unit]
    if "finterval" in metadata:
        sizes["T"] = metadata["finterval"] * _UNITS[metadata.get("tunit", "sec")]
    channels = metadata.get("channels", 1)
    ranges = list(metadata.get("Ranges", ()))
    if not ranges and "min" in metadata:
        ranges = [metadata["min"], metadata["max"]]
    labels = metadata.get("Labels") or []
    names = [labels] if isinstance(labels, str) else list(labels)[:channels]
    pairs = list(zip(ranges[::2], ranges[1::2], strict=True))
    return SimpleNamespace(axes=axes, sizes=sizes, unit=unit, names=names, ranges=pairs)


def _of_ome(xml, axes):
    pixels = ElementTree.fromstring(re.sub(r'xmlns="[^"]*"', "", xml)).find(".//Pixels")
    attributes = {f"PhysicalSize{one}": one for one in "XYZ"} | {"TimeIncrement": "T"}
    sizes = {
        letter: float(pixels.get(name)) * _UNITS[pixels.get(f"{name}Unit")]
        for name, letter in attributes.items()
        if name in pixels.attrib
    }
    names = [one.get("Name") for one in pixels.findall("Channel")]
    unit = pixels.get("PhysicalSizeXUnit")
    return SimpleNamespace(axes=axes, sizes=sizes, unit=unit, names=names, ranges=None)


def _of_zarr(path):
    if (path / "zarr.json").exists():
        attributes = json.loads((path / "zarr.json").read_text())["attributes"]["ome"]
    else:
        attributes = json.loads((path / ".zattrs").read_text())
    (image,) = attributes["multiscales"]
    (scale,) = (
        one["scale"]
        for one in image["datasets"][0]["coordinateTransformations"]
        if one["type"] == "scale"
    )
    axes = "".join(one["name"].upper() for one in image["axes"])
    units = {one["name"].upper(): one.get("unit") for one in image["axes"]}
    sizes = {
        letter: size * _UNITS[units[letter]]
        for letter, size in zip(axes, scale, strict=True)
        if units[letter]
    }
    channels = attributes["omero"]["channels"]
    names = [one["label"] for one in channels]
    ranges = [(one["window"]["start"], one["window"]["end"]) for one in channels]
    return SimpleNamespace(axes=axes, sizes=sizes, unit=units["X"], names=names, ranges=ranges)
