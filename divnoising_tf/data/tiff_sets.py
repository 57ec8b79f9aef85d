"""TIFF files of which several make one image: it is read once, from the first of them."""

import logging
import os
from collections.abc import Sequence
from pathlib import Path

from divnoising_tf.data.tiff_names import named_files
from divnoising_tf.data.tiff_series import complaints_of_tifffile, image_of

_logger = logging.getLogger(__name__)


def without_parts(files: Sequence[Path]) -> list[Path]:
    """Leave out files whose planes are read with those of another file of the list.

    Args:
        files: images of any kind, in the order they are read.

    Returns:
        The files in their order; of the files of one image the first that names the others.
    """
    parts: dict[Path, set[Path]] = {}
    read_elsewhere: set[Path] = set()
    for file in files:
        if _absolute(file) not in read_elsewhere and file not in parts:
            parts[file] = _parts(file) - {_absolute(file)}
            read_elsewhere |= parts[file]
    whole = [file for file in parts if _absolute(file) not in read_elsewhere]
    for file in whole:
        if parts[file]:
            _logger.info(
                "%s and %d other file(s) are one image, whose results are named after the first.",
                file.name,
                len(parts[file]),
            )
    read = {part for file in whole for part in parts[file]}
    return [file for file in files if _absolute(file) not in read]


def _parts(file: Path) -> set[Path]:
    """Return the files that the planes of an image come from; of one that is broken itself."""
    if file.suffix.lower() not in (".tif", ".tiff"):
        return {_absolute(file)}
    import tifffile

    try:
        with complaints_of_tifffile(), tifffile.TiffFile(file) as opened:
            if not named_files(opened):
                return {_absolute(file)}
            pages = [page for one in image_of(opened).series for page in one if page is not None]
            return {_absolute(file.parent / page.parent.filename) for page in pages}
    except Exception:  # what is wrong with it is said when it is read
        return {_absolute(file)}


def _absolute(file: Path) -> Path:
    return Path(os.path.abspath(file))
