"""Where images come from and results go to."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from divnoising_tf._files import atomic_path

RESULTS = Path(__file__).parent / "results"


def data_folder() -> Path:
    """Return the folder of real images, or say how to name it."""
    default = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(os.environ.get("DIVNOISING_DATA", default))
    if not folder.is_dir():
        raise SystemExit(f"No images in {folder}: set DIVNOISING_DATA to their folder.")
    return folder


def command_of(module: str, words: Sequence[str]) -> str:
    """Return a command as others can give it: files by name, where they lie is left out.

    Example:
        >>> command_of("experiments.w2s", ["--channel", "2", "--save", "/home/me/model.keras"])
        'python -m experiments.w2s --channel 2 --save model.keras'
    """
    return " ".join([f"python -m {module}", *(Path(word).name for word in words)])


def write_results(name: str, results: dict[str, Any]) -> None:
    """Write results/NAME.json, replacing an earlier one."""
    with atomic_path(RESULTS / f"{name}.json", overwrite=True) as temporary:
        temporary.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(f"wrote results/{name}.json")
