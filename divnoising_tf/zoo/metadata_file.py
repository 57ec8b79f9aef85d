"""Metadata in a YAML file, which goes with a package and can be given for the next one."""

import dataclasses
import os
import zipfile
from pathlib import Path
from typing import Any

import yaml

from divnoising_tf.errors import InputError
from divnoising_tf.zoo.metadata import Metadata

METADATA_NAME = "metadata.yaml"


def read_metadata(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Return the metadata in a YAML file, or in a package that `export` wrote.

    Args:
        path: a file of lines such as "name: DivNoising nuclei", or a package, ending in .zip.

    Returns:
        Attributes of `Metadata`, not checked yet.

    Raises:
        InputError: the file cannot be read, or holds something else.

    Example:
        >>> import pathlib, tempfile
        >>> file = pathlib.Path(tempfile.mkdtemp()) / "metadata.yaml"
        >>> _ = file.write_text("name: DivNoising nuclei", encoding="utf-8")
        >>> read_metadata(file)
        {'name': 'DivNoising nuclei'}
    """
    path = Path(path)
    try:
        content = yaml.safe_load(_text(path))
        if not isinstance(content, dict):
            raise TypeError("not a list of names and values")
    except (OSError, ValueError, TypeError, KeyError, yaml.YAMLError, zipfile.BadZipFile) as error:
        raise InputError(
            "This is neither a YAML file of metadata nor a package that holds one.",
            f"{path} ({' '.join(str(error).split())})",
            "Write lines such as 'name: DivNoising nuclei'.",
        ) from error
    return content


def metadata_text(metadata: Metadata) -> str:
    """Return metadata as YAML that `read_metadata` reads, without what is empty."""
    filled = {key: value for key, value in dataclasses.asdict(metadata).items() if value}
    plain = {key: list(one) if isinstance(one, tuple) else one for key, one in filled.items()}
    return yaml.safe_dump(plain, sort_keys=False, allow_unicode=True)


def _text(path: Path) -> str:
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            return archive.read(METADATA_NAME).decode("utf-8")
    return path.read_text(encoding="utf-8")
