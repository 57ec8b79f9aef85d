"""Writes the tables of docs/results.md from the results that the experiments left.

python -m experiments tables

Each has the place of its recipe's name, see `measuring.markdown`.
"""

from experiments.kinds import load_kind
from experiments.recipe import read_recipe, recipe_names
from experiments.results_store import records
from measuring.files import write_text
from measuring.markdown import DOCS, replaced

PAGE = DOCS / "results.md"


def main() -> None:
    """Put the tables between the page's markers."""
    write_text(PAGE, with_tables(PAGE.read_text(encoding="utf-8")))


def with_tables(page: str) -> str:
    """Return the page with the tables of all results that are kept."""
    for name in recipe_names():
        recipe = read_recipe(name)
        table = getattr(load_kind(recipe.kind), "table", None)
        if table is not None:
            page = replaced(page, name, table(name, recipe, records(name, recipe)))
    return page
