"""Figures and pages are written whole: an interrupted run leaves the earlier file."""

import json
from pathlib import Path
from typing import Any

from divnoising_tf.files.atomic import atomic_path


def write_text(path: Path, text: str) -> None:
    """Write a file, replacing it."""
    with atomic_path(path, overwrite=True) as temporary:
        temporary.write_text(text, encoding="utf-8")
    print(f"wrote {path.name}")


def write_json(path: Path, figures: Any) -> None:
    """Write what can be written as JSON, replacing it."""
    write_text(path, json.dumps(figures, indent=1, ensure_ascii=False) + "\n")
