"""What JDLL, the library that runs models in Fiji and Icy, wants of a description (rdf.yaml).

JDLL is not on Maven Central, so the tests cannot run it. These rules were found by reading and
running the parser and the tiler of version 0.6.1.
"""

import math

# it understands no other entry of "weights" that we could write
_WEIGHTS = {"tensorflow_saved_model_bundle", "onnx"}
_LARGEST_TILE = 3 * 4096**2
_LARGEST_OUTPUT = 2**31 - 1


def problems(rdf):
    """Return what JDLL would not read, or would read wrongly, one line for each."""
    found = []
    if not isinstance(rdf.get("id"), str):
        found.append("no id")
    if not str(rdf.get("format_version", "")).startswith(("0.4.", "0.5.")):
        found.append("format_version is neither 0.4 nor 0.5")
    if not isinstance(rdf.get("documentation"), str):
        found.append("documentation is not a file name")
    if not all(isinstance(cover, str) for cover in rdf.get("covers", [])):
        found.append("covers are not file names")
    if not _WEIGHTS & set(rdf.get("weights", {})):
        found.append("no weights that it can run")
    for tensors in ("inputs", "outputs"):
        # several are matched in an order that changes, and its macro refuses them
        if len(rdf.get(tensors, [])) != 1:
            found.append(f"not exactly one of {tensors}")
        for tensor in rdf.get(tensors, []):
            found += [f"{tensor['id']}: {line}" for line in _axis_problems(tensor["axes"])]
    return found


def calls(rdf, height, width):
    """Return into how many tiles it cuts an image of the only input, (y, x), pixels.

    Raises:
        ValueError: the image is too large for it, or too small for the description.
    """
    sizes = {axis["id"]: axis["size"] for axis in _axes(rdf, "inputs") if axis["type"] == "space"}
    number, pixels = 1, 1
    for axis, length in (("y", height), ("x", width)):
        if length < sizes[axis]["min"]:
            raise ValueError(f"{axis} is {length}, below the least size {sizes[axis]['min']}")
        # rounded down where up was meant: only a step of 1 leaves the image whole
        tile = length // sizes[axis]["step"] * sizes[axis]["step"]
        number *= math.ceil(length / max(tile, sizes[axis]["min"]))
        pixels *= tile
    if pixels * _channels(rdf, "inputs") > _LARGEST_TILE:
        raise ValueError("it would hang")
    if pixels * _channels(rdf, "outputs") * 4 > _LARGEST_OUTPUT:
        raise ValueError("it would fail on the output")
    return number


def _axis_problems(axes):
    for axis in axes:
        name = axis.get("id", axis["type"])
        # its axes are single letters: b, c, and the id of any other
        if axis["type"] not in ("batch", "channel") and name not in ("x", "y", "z", "t"):
            yield f"axis {name} has no letter"
        if axis["type"] == "channel" and not axis.get("channel_names"):
            yield "no channel_names"
        if axis.get("scale", 1) != 1:
            yield f"axis {name} has a scale"
        if axis.get("halo", 0) != 0:
            yield f"axis {name} has a halo"
        size = axis.get("size")
        if isinstance(size, dict) and "step" in size and size["min"] % size["step"]:
            yield f"the least size of {name} is not a multiple of its step"


def _axes(rdf, tensors):
    (tensor,) = rdf[tensors]
    return tensor["axes"]


def _channels(rdf, tensors):
    (axis,) = (axis for axis in _axes(rdf, tensors) if axis["type"] == "channel")
    return len(axis["channel_names"])
