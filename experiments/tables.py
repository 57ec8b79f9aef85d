"""Writes the tables of docs/results.md from the results that the experiments left.

python -m experiments tables

Each stands between `<!-- NAME -->` and `<!-- end of NAME -->`, NAME being that of the recipe.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from divnoising_tf._files import atomic_path
from experiments.common import RESULTS, core_words
from experiments.kinds import load_kind
from experiments.recipe import read_recipe, recipe_names
from experiments.results_store import records

PAGE = Path(__file__).parents[1] / "docs" / "results.md"


def main() -> None:
    """Put the tables between the page's markers."""
    page = with_tables(PAGE.read_text(encoding="utf-8"))
    with atomic_path(PAGE, overwrite=True) as temporary:
        temporary.write_text(page, encoding="utf-8")
    print(f"wrote {PAGE.name}")


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
    machine = results["machine"]
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
    rates = [f"{key}: {value}" for key, value in machine.items() if "GFLOP" in key]
    versions = [f"{name} {number}" for name, number in machine["versions"].items()]
    place = [machine["processor"], core_words(machine), *rates, *versions]
    columns = [key for key in rows[-1] if key != "PSNR by field"]
    lines = [f"| {' | '.join(columns)} |", f"| {' | '.join('---' for _ in columns)} |"]
    lines += [f"| {' | '.join(str(row.get(key, '')) for key in columns)} |" for row in rows]
    return [
        f"`{results['command']}`",
        "",
        *([f"- {'; '.join(conditions)}"] if conditions else []),
        f"- {', '.join(place)}",
        "",
        *lines,
        "",
    ]


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {one}" for name, one in value.items())
    return str(value)


def replaced(page: str, name: str, table: str) -> str:
    """Return the page with a new table between `<!-- NAME -->` and `<!-- end of NAME -->`."""
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    pattern = f"{re.escape(begin)}.*?{re.escape(end)}"
    result, number = re.subn(pattern, lambda _: f"{begin}\n{table}\n{end}", page, flags=re.DOTALL)
    if number != 1:
        raise SystemExit(f"The page has no place for the table {name}.")
    return result
