"""Opens OME-Zarr 0.1 to 0.5, and plain Zarr arrays, without reading their pixels."""

import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from divnoising_tf.data.axes import checked_axes
from divnoising_tf.data.image_metadata import ImageMetadata, PixelSize
from divnoising_tf.data.physical_units import full_unit
from divnoising_tf.errors import InputError
from divnoising_tf.machine.extras import zarr_library

_METADATA = ("zarr.json", ".zattrs", ".zgroup", ".zarray")
_FIRST_AXES = "TCZYX"  # of OME-Zarr 0.1 and 0.2, which have no choice


class ZarrImage(NamedTuple):
    """An image in a Zarr folder.

    Attributes:
        path: the folder of the image.
        array: Zarr's, read by indexing.
        axes: one letter per axis, such as "TCZYX".
        metadata: pixel sizes, names and display ranges of the channels, where they are known.
    """

    path: Path
    array: Any
    axes: str
    metadata: ImageMetadata

    def pixels(self) -> np.ndarray:
        """Read all pixels.

        Raises:
            InputError: a part cannot be read.
        """
        try:
            return np.asarray(self.array[...])
        except Exception as error:  # codecs raise many kinds for a broken file
            raise InputError(
                "This image cannot be read: its folder is damaged or not complete.",
                f"{self.path} ({type(error).__name__}: {error})",
                "Copy or save it again.",
            ) from error


def is_zarr(path: Path) -> bool:
    """Say whether a path is a folder that Zarr wrote, whatever its name."""
    return path.is_dir() and any((path / name).is_file() for name in _METADATA)


def open_zarr(path: Path, axes: str | None = None) -> ZarrImage:
    """Open the highest resolution of an OME-Zarr image, or a Zarr array.

    Args:
        path: its folder.
        axes: axes string; None to take those of the metadata.

    Raises:
        InputError: not an image, damaged, or axes that are not known or do not fit.
    """
    zarr = zarr_library()
    try:
        node = zarr.open(path, mode="r")
    except Exception as error:  # zarr and json raise many kinds for broken metadata
        raise _unreadable(path, error) from error
    if isinstance(node, zarr.Array):
        return _plain(path, node, axes)
    attributes = _ome(node)
    if "multiscales" not in attributes and "bioformats2raw.layout" in attributes:
        series = sorted(name for name in node.group_keys() if name.isdecimal())
        if len(series) == 1:
            return open_zarr(path / series[0], axes)
        raise InputError(
            "This OME-Zarr holds several images.",
            f"{path} with {', '.join(series) or 'none'}",
            f"Give one of them, such as {path / '0'}.",
        )
    if "multiscales" not in attributes:
        raise InputError(
            "This Zarr folder is not an OME-Zarr image.",
            f"{path} with {', '.join(sorted(node.keys())) or 'nothing in it'}",
            "Give the folder of an image (of a plate: of one field), or of a Zarr array.",
        )
    try:
        return _image(path, node, attributes, axes)
    except InputError:
        raise
    except (KeyError, TypeError, IndexError, AttributeError, ValueError) as error:
        raise _unreadable(path, error) from error


def ome_zarr_version(path: Path) -> str:
    """Return "0.4" for a folder of Zarr format 2, otherwise "0.5"."""
    return "0.5" if (path / "zarr.json").is_file() or not is_zarr(path) else "0.4"


def _ome(node: Any) -> Mapping[str, Any]:
    attributes = dict(node.attrs)
    return attributes.get("ome", attributes)


def _image(path: Path, node: Any, attributes: Mapping[str, Any], axes: str | None) -> ZarrImage:
    multiscale = attributes["multiscales"][0]
    dataset = multiscale["datasets"][0]
    array = node[dataset["path"]]
    own = _own_axes(path, node, multiscale, array, axes)
    letters = checked_axes(axes or "".join(_letter(one) for one in own), array.shape)
    scale, origin = _transformed(
        [
            *dataset.get("coordinateTransformations", ()),
            *(multiscale.get("coordinateTransformations") or ()),
        ],
        len(letters),
    )
    sizes = {
        letter: PixelSize(scale[axis], full_unit(own[axis].get("unit")), origin[axis])
        for axis, letter in enumerate(letters)
        if letter != "C"
    }
    shown = (attributes.get("omero") or {}).get("channels") or ()
    names = tuple(str(one.get("label", "")) for one in shown)
    metadata = ImageMetadata(sizes, names or None, _display_ranges(shown))
    return _checked(path, array, letters, metadata)


def _display_ranges(shown: Sequence[Mapping[str, Any]]) -> dict[int, tuple[float, float]]:
    ranges = {}
    for channel, one in enumerate(shown):
        with contextlib.suppress(KeyError, TypeError, ValueError):
            ranges[channel] = float(one["window"]["start"]), float(one["window"]["end"])
    return ranges


def _own_axes(
    path: Path, node: Any, multiscale: Mapping[str, Any], array: Any, axes: str | None
) -> Sequence[Mapping[str, Any]]:
    """Return the axes of the metadata as OME-Zarr 0.4 has them; of 0.3 they are but names."""
    own = multiscale.get("axes")
    if own is not None:
        return [{"name": one} if isinstance(one, str) else one for one in own]
    if axes is not None:
        return [{}] * len(array.shape)
    version = multiscale.get("version", "0.1" if node.metadata.zarr_format == 2 else None)
    if version in ("0.1", "0.2") and len(array.shape) == len(_FIRST_AXES):
        return [{"name": letter} for letter in _FIRST_AXES]
    if version in ("0.1", "0.2"):
        raise InputError(
            f"This OME-Zarr of version {version} does not say what its axes are.",
            f"{path} of shape {array.shape}",
            "Say it, slowest first, such as axes='TCYX' (--axes TCYX).",
        )
    raise KeyError("axes")


def _letter(axis: Mapping[str, Any]) -> str:
    """Return the letter of an axis; one with a long name goes by its type."""
    letters = {"time": "T", "channel": "C"}
    return letters.get(str(axis.get("type")), str(axis["name"]))


def _transformed(
    transformations: Sequence[Mapping[str, Any]], axes: int
) -> tuple[list[float], list[float]]:
    """Return scale and origin of each axis after transformations, the first acting first."""
    scale, origin = [1.0] * axes, [0.0] * axes
    for one in transformations:
        if "scale" in one:
            factors = [float(factor) for factor in one["scale"]]
            scale = [a * b for a, b in zip(scale, factors, strict=True)]
            origin = [a * b for a, b in zip(origin, factors, strict=True)]
        elif "translation" in one:
            origin = [a + float(b) for a, b in zip(origin, one["translation"], strict=True)]
    return scale, origin


def _plain(path: Path, array: Any, axes: str | None) -> ZarrImage:
    names = getattr(array.metadata, "dimension_names", None)
    if axes is None and names and all(names):
        axes = "".join(names)
    if axes is None:
        raise InputError(
            "This is a Zarr array that does not say what its axes are.",
            f"{path} of shape {array.shape}",
            "Say it, slowest first, such as axes='TCYX' (--axes TCYX).",
        )
    return _checked(path, array, checked_axes(axes, array.shape), ImageMetadata())


def _checked(path: Path, array: Any, axes: str, metadata: ImageMetadata) -> ZarrImage:
    if array.dtype.kind not in "uif":
        raise InputError(
            "The pixels are not real numbers.",
            f"dtype {array.dtype} in {path}",
            "Give integers or floating point numbers: the counts of the camera.",
        )
    known = metadata.fitting(axes, tuple(array.shape), array.dtype)
    return ZarrImage(path, array, axes, known)


def _unreadable(path: Path, error: Exception) -> InputError:
    return InputError(
        "This Zarr folder cannot be read as an image: its metadata is damaged or incomplete.",
        f"{path} ({type(error).__name__}: {error})",
        "Copy or save it again.",
    )
