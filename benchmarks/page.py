"""The tables of docs/speed.md, made from what the benchmarks measured."""

from typing import Any

from measuring.machine import machine_words, matrix_product_rates
from measuring.markdown import DOCS, table_lines

PAGE = DOCS / "speed.md"


def table(results: dict[str, Any]) -> str:
    """Return the Markdown of all results."""
    return "\n\n".join(section(one) for one in results.values())


def section(result: dict[str, Any]) -> str:
    """Return the Markdown of one benchmark: command and machine, then its rows."""
    machine = result["machine"]
    place = f"{machine_words(machine)}, load at the start: {machine['load at the start']:.2f}"
    limits = matrix_product_rates(machine)
    rows = [_with_share(row, limits) for row in result["rows"]]
    columns = list(dict.fromkeys(key for row in rows for key in row))
    return "\n".join([f"`{result['command']}`: {place}", "", *table_lines(rows, columns)])


def _with_share(row: dict[str, Any], limits: dict[str, int]) -> dict[str, Any]:
    """Replace the arithmetic by the share of the matrix product's rate that was reached."""
    row = dict(row)
    operations = row.pop("GFLOP each", None)
    if operations is None:
        return row
    number = "bfloat16" if "bfloat16" in str(row["which"]) else "float32"
    limit = next(value for key, value in limits.items() if key.startswith(number))
    row["of the matrix product's rate"] = f"{100 * operations * row['per second'] / limit:.0f} %"
    return row
