"""The metadata of a file of results as OME-Zarr 0.4 and 0.5 want it."""

from collections.abc import Sequence
from typing import Any

from divnoising_tf.data.image_metadata import PixelSize
from divnoising_tf.large.layout import Layout

_TYPES = {"T": "time", "C": "channel", "Z": "space", "Y": "space", "X": "space"}
_COLOURS = ("FFFFFF", "FF7F00")  # of the MMSE and samples, and of the uncertainty


def ome_metadata(
    name: str, version: str, layout: Layout, levels: int, windows: Sequence[dict[str, float]]
) -> dict[str, Any]:
    """Return the attributes of the group of an image.

    Args:
        name: of the image.
        version: "0.4" or "0.5".
        layout: of the results.
        levels: number of resolutions, in arrays "0", "1", …, each half of the one before.
        windows: contrast of each channel, from `contrasts`.
    """
    multiscale = {
        "name": name,
        "axes": [_axis(letter, layout) for letter in layout.axes],
        "datasets": [_dataset(level, layout) for level in range(levels)],
        "type": "mean",
    }
    channels = [
        {
            "label": label,
            "color": _COLOURS[label.startswith("uncertainty")],
            "active": number == 0,
            "window": window,
        }
        for number, (label, window) in enumerate(zip(layout.labels, windows, strict=True))
    ]
    omero = {"channels": channels, "rdefs": {"model": "greyscale"}}
    if version == "0.4":
        return {
            "multiscales": [{"version": "0.4", **multiscale}],
            "omero": {"version": "0.4", **omero},
        }
    return {"ome": {"version": "0.5", "multiscales": [multiscale], "omero": omero}}


def _axis(letter: str, layout: Layout) -> dict[str, str]:
    unit = layout.metadata.pixel_sizes.get(letter, PixelSize()).unit
    axis = {"name": letter.lower(), "type": _TYPES[letter]}
    return axis | ({"unit": unit} if unit else {})


def _dataset(level: int, layout: Layout) -> dict[str, Any]:
    scale, origin = [], []
    for letter in layout.axes:
        size = layout.metadata.pixel_sizes.get(letter, PixelSize())
        factor = 2**level if letter in "YX" else 1
        scale.append(size.size * factor)
        # a pixel of a lower resolution lies in the middle of those it is the mean of
        origin.append(size.origin + size.size * (factor - 1) / 2)
    transformations: list[dict[str, Any]] = [{"type": "scale", "scale": scale}]
    if any(origin):
        transformations.append({"type": "translation", "translation": origin})
    return {"path": str(level), "coordinateTransformations": transformations}
