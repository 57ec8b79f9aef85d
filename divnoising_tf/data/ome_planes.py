"""How many planes an OME-XML speaks of, looked at before tifffile makes room for them."""

import math
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from divnoising_tf.errors import InputError

_LEAST_BYTES = 18  # of a plane in a TIFF: the list of its tags, with one tag
_COUNTS = ("PlaneCount", "NumPlanes", "IFD", "FirstZ", "FirstC", "FirstT")


def ome_root(file: Any) -> ElementTree.Element | None:
    """Return the OME-XML of tifffile's `TiffFile`; None if there is none that can be read."""
    try:
        return ElementTree.fromstring(file.ome_metadata) if file.is_ome else None
    except ElementTree.ParseError:  # tifffile does not follow it either
        return None


def check_numbers_of_planes(root: ElementTree.Element, files: Iterable[Path]) -> None:
    """Refuse an OME-XML of more planes than there can be in its files.

    Args:
        root: the OME-XML.
        files: all those that it names, and its own; not all of them need to be there.

    Raises:
        InputError: it speaks of more planes.
    """
    paths = list(files)
    most = sum(path.stat().st_size for path in paths if path.exists()) // _LEAST_BYTES
    number = max(_numbers(root), default=0)
    if number > most:
        raise InputError(
            "This image cannot be read: it speaks of more planes than can be in its files.",
            f"{number} planes in {paths[0]}",
            "Copy or save it again.",
        )


def _numbers(root: ElementTree.Element) -> Iterator[int]:
    for element in root.iter():
        if element.tag.endswith("Pixels"):
            yield abs(math.prod(_number(element, f"Size{axis}", 1) for axis in "ZCT"))
        if element.tag.endswith("TiffData"):
            yield from (abs(_number(element, name, 0)) for name in _COUNTS)
        if "ModuloAlong" in element.tag:
            yield _steps(element)


def _steps(axis: ElementTree.Element) -> int:
    """Return the length of an axis that lies within another, as that of lifetimes in T."""
    try:
        start, end, step = (float(axis.get(name, 1)) for name in ("Start", "End", "Step"))
        return abs(int((end - start) / step))
    except (ValueError, OverflowError, ZeroDivisionError):
        return 0


def _number(element: ElementTree.Element, name: str, default: int) -> int:
    try:
        return int(element.get(name, default))
    except ValueError:  # tifffile cannot use it either
        return default
