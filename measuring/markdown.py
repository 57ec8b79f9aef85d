"""Markdown tables, and their places in the pages of docs.

A table stands between `<!-- NAME -->` and `<!-- end of NAME -->`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from measuring.files import write_text

DOCS = Path(__file__).parents[1] / "docs"


def table_line(cells: Iterable[Any]) -> str:
    """Return one line of a table.

    Example:
        >>> table_line(["PSNR", 27.5])
        '| PSNR | 27.5 |'
    """
    return f"| {' | '.join(map(str, cells))} |"


def table_heading(columns: Sequence[str]) -> list[str]:
    """Return the first two lines of a table."""
    return [table_line(columns), table_line(["---"] * len(columns))]


def table_lines(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> list[str]:
    """Return a table of rows; what a row has nothing for stays empty.

    Args:
        rows: what they have by column.
        columns: in order, and only these.

    Example:
        >>> table_lines([{"PSNR": 27.5, "steps": 9}], ["steps"])
        ['| steps |', '| --- |', '| 9 |']
    """
    lines = [table_line(row.get(key, "") for key in columns) for row in rows]
    return [*table_heading(columns), *lines]


def replaced(page: str, name: str, table: str) -> str:
    """Return the text of a page with a new table in the place of that name."""
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    pattern = f"{re.escape(begin)}.*?{re.escape(end)}"
    result, number = re.subn(pattern, lambda _: f"{begin}\n{table}\n{end}", page, flags=re.DOTALL)
    if number != 1:
        raise SystemExit(f"The page has no place for the table {name}.")
    return result


def write_table(path: Path, name: str, table: str) -> None:
    """Put a table into its place of a page of docs."""
    write_text(path, replaced(path.read_text(encoding="utf-8"), name, table))
