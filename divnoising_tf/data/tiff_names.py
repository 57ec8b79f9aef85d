"""The files that a TIFF names as parts of its image, of which only those beside it are followed."""

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from divnoising_tf.data.ome_planes import check_numbers_of_planes, ome_root
from divnoising_tf.errors import InputError

_NDTIFF_INDEX = "NDTiff.index"


def named_files(file: Any) -> set[str]:
    """Return the names of other files that tifffile would open to read this one.

    Args:
        file: tifffile's `TiffFile`, of which no series was asked for yet.

    Raises:
        InputError: a name is not that of a file in the same folder: an absolute path, one through
            other folders, an address, a device; or more planes are named than can be in these
            files.
    """
    names = {*_of_ome(file), *_of_micro_manager(file), *_of_ndtiff(file)} - {file.filename}
    folder = Path(file.filehandle.dirname)
    elsewhere = sorted(name for name in names if not _is_beside(folder, name))
    if elsewhere:
        raise InputError(
            "The image names parts of itself that are not beside it, and those are not read.",
            f"{folder / file.filename}, which names {', '.join(map(repr, elsewhere[:3]))}",
            "Put all files of an image into one folder, under the names that it was written with; "
            "or open it in Fiji and save it as one file.",
        )
    root = ome_root(file)
    if root is not None:
        check_numbers_of_planes(root, (folder / name for name in (file.filename, *sorted(names))))
    return names


def missing_files(file: Any) -> list[str]:
    """Return those of the named files that are not there."""
    folder = Path(file.filehandle.dirname)
    return sorted(name for name in named_files(file) if not (folder / name).exists())


def _is_beside(folder: Path, name: str) -> bool:
    """Say whether a name is that of an ordinary file in a folder, or of none at all."""
    if name in ("", ".", "..") or "\0" in name:
        return False
    if not name == PurePosixPath(name).name == PureWindowsPath(name).name:
        return False
    try:
        return (folder / name).is_file() or not os.path.lexists(folder / name)
    except OSError:  # a name that the file system does not take
        return False


def _of_ome(file: Any) -> Iterator[str]:
    root = ome_root(file)
    if root is None:
        return
    own = root.get("UUID")
    for element in root.iter():
        # planes under the file's own identifier are its own, whatever it was called
        if element.tag.endswith("UUID") and (own is None or element.text != own):
            yield element.get("FileName", "")


def _of_micro_manager(file: Any) -> Iterator[str]:
    # tifffile looks for them by their names
    prefix, mark, _ = file.filename.partition("_MMStack")
    if file.is_mmstack and mark:
        for path in Path(file.filehandle.dirname).iterdir():
            if path.name.startswith(prefix) and mark in path.name and path.suffix == ".tif":
                yield path.name


def _of_ndtiff(file: Any) -> Iterator[str]:
    index = Path(file.filehandle.dirname) / _NDTIFF_INDEX
    if file.is_ndtiff and index.is_file():
        import tifffile

        for entry in tifffile.read_ndtiff_index(index):
            yield entry[1]
