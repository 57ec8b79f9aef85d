"""Writes the tables of docs/results.md from the results that the experiments left.

python -m experiments tables

Each has the place of its recipe's name, see `measuring.markdown`.
"""

import json
from collections.abc import Iterator
from typing import Any

from experiments.common import RESULTS
from experiments.kinds import load_kind
from experiments.recipe import read_recipe, recipe_names
from experiments.results_store import records
from measuring.files import write_text
from measuring.machine import machine_words
from measuring.markdown import DOCS, replaced, table_lines

PAGE = DOCS / "results.md"


def main() -> None:
    """Put the tables between the page's markers."""
    write_text(PAGE, with_tables(PAGE.read_text(encoding="utf-8")))


def with_tables(page: str) -> str:
    """Return the page with the tables of all results that are kept."""
    kinds = (("w2s", w2s_rows), ("fmd", own_rows), ("beginnings", own_rows))
    for name, rows in kinds:
        found = [json.loads(file.read_text()) for file in sorted(RESULTS.glob(f"{name}*.json"))]
        lines = [line for results in found for line in described(results, list(rows(results)))]
        page = replaced(page, name, "\n".join(lines).strip())
    for name in recipe_names():
        recipe = read_recipe(name)
        table = getattr(load_kind(recipe.kind), "table", None)
        if table is not None:
            page = replaced(page, name, table(name, recipe, records(name, recipe)))
    return page


def w2s_rows(results: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield what was measured at each mark, and the noisy images."""
    yield {"minutes": "noisy image", **results["noisy"]}
    yield from results["marks"]


def own_rows(results: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the rows of results that have them."""
    yield from results["rows"]


def described(results: dict[str, Any], rows: list[dict[str, Any]]) -> list[str]:
    """Return one experiment as Markdown: command, conditions, table."""
    conditions = [
        f"{key}: {_words(results[key])}"
        for key in (
            "precision",
            "learning rate",
            "batch",
            "training",
            "patches read",
            "not measured",
        )
        if key in results
    ]
    columns = [key for key in rows[-1] if key != "PSNR by field"]
    return [
        f"`{results['command']}`",
        "",
        *([f"- {'; '.join(conditions)}"] if conditions else []),
        f"- {machine_words(results['machine'])}",
        "",
        *table_lines(rows, columns),
        "",
    ]


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {one}" for name, one in value.items())
    return str(value)
