"""Which public objects the Python reference of a built site describes, and which it lacks."""

import importlib
import pkgutil
import sys
import zlib
from pathlib import Path
from typing import Any


def described_names(site: Path) -> set[str]:
    """Return the full names of all Python objects in a site's inventory."""
    content = (site / "objects.inv").read_bytes()
    # four lines of text, then one compressed line for each object: name, domain:role, ...
    body = zlib.decompress(content.split(b"\n", 4)[4]).decode()
    lines = [line.split() for line in body.splitlines()]
    return {line[0] for line in lines if line[1].startswith("py:")}


def public_names(package: str = "divnoising_tf") -> list[str]:
    """Return the names in `__all__` of a package and of the packages below it."""
    found = []
    for name in [package, *_packages_below(package)]:
        found += [f"{name}.{one}" for one in getattr(importlib.import_module(name), "__all__", [])]
    return found


def missing(described: set[str]) -> list[str]:
    """Return public names whose object nothing in the reference describes.

    An object may be described under another name: `divnoising_tf.DivNoising` is described as
    `divnoising_tf.models.divnoising.model.DivNoising`.
    """
    there = {id(_object(name)) for name in described if name.startswith("divnoising_tf")}
    skipped = ("divnoising_tf.__version__", "divnoising_tf.cli.")
    names = [name for name in public_names() if not name.startswith(skipped)]
    return [name for name in names if id(_object(name)) not in there]


def _packages_below(package: str) -> list[str]:
    root = importlib.import_module(package)
    below = pkgutil.iter_modules(root.__path__, f"{package}.")
    return [module.name for module in below if module.ispkg and "._" not in module.name]


def _object(name: str) -> Any:
    # attributes of instances have no object of their own
    try:
        return sys.modules.get(name) or pkgutil.resolve_name(name)
    except (AttributeError, ImportError):
        return None
