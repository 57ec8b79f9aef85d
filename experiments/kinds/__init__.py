"""The kinds of experiments: what a recipe's `kind` names.

A kind is a module with

    run(settings: dict, minutes: float | None, seed: int) -> dict   # can be written as JSON
    draw(results: list[dict], folder: Path) -> list[Path]           # optional: figures
    table(name: str, recipe: Recipe, records: list[dict]) -> str    # optional: Markdown

`minutes` are None where the recipe gives none: the kind does not train for a time. `settings` are
the recipe's; a part of a recipe with rows finds its own in `name`, `method`, `row`.
`results` are what `run` returned, with the "title" of a row and the "method" where there are rows;
`records` have besides how it came about.
"""

import importlib
from types import ModuleType


def load_kind(name: str) -> ModuleType:
    """Return the module of a kind, which the recipe has been checked for."""
    return importlib.import_module(f"experiments.kinds.{name}")
