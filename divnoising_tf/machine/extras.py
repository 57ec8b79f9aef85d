"""Optional libraries, imported when they are used, with advice when they are missing."""

import importlib
from typing import Any

from divnoising_tf.errors import InputError

_FIRST_TIFFFILE = (2025, 5, 21)  # the first whose regions are read by Zarr 3


def zarr_library() -> Any:
    """Return the module `zarr`, version 3.

    Raises:
        InputError: it is not installed.
    """
    zarr = _imported("zarr", "large")
    if int(zarr.__version__.split(".")[0]) < 3:
        raise InputError(
            "Zarr is too old to read these images.", f"zarr {zarr.__version__}", _advice("large")
        )
    return zarr


def tiff_library() -> Any:
    """Return the module `tifffile`, of a version that reads parts of a TIFF by Zarr 3.

    Raises:
        InputError: it is older, or Zarr is missing.
    """
    import tifffile

    zarr_library()
    if tuple(int(part) for part in tifffile.__version__.split(".")[:3]) < _FIRST_TIFFFILE:
        raise InputError(
            "tifffile is too old to read parts of a TIFF.",
            f"tifffile {tifffile.__version__}",
            _advice("large"),
        )
    return tifffile


def distributed_library() -> Any:
    """Return the module `distributed`, of Dask.

    Raises:
        InputError: it is not installed.
    """
    return _imported("distributed", "dask")


def _imported(name: str, extra: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise InputError(
            f"This needs the library {name}, which is not installed.", str(error), _advice(extra)
        ) from error


def _advice(extra: str) -> str:
    return f"With Python 3.11 or newer: pip install 'divnoising_tf[{extra}]'."
