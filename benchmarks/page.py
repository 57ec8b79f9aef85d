"""The tables of docs/speed.md, made from what the benchmarks measured."""

from pathlib import Path
from typing import Any

from divnoising_tf._files import atomic_path

PAGE = Path(__file__).parents[1] / "docs" / "speed.md"


def table(results: dict[str, Any]) -> str:
    """Return the Markdown of all results."""
    return "\n\n".join(section(one) for one in results.values())


def section(result: dict[str, Any]) -> str:
    """Return the Markdown of one benchmark: command and machine, then its rows."""
    machine = result["machine"]
    limits = {key: value for key, value in machine.items() if "GFLOP" in key}
    place = [
        machine["processor"],
        f"{machine['cores']} cores",
        *(f"{key}: {value}" for key, value in limits.items()),
        f"load at the start: {machine['load at the start']:.2f}",
        *(f"{name} {number}" for name, number in machine["versions"].items()),
    ]
    rows = [_with_share(row, limits) for row in result["rows"]]
    columns = list(dict.fromkeys(key for row in rows for key in row))
    lines = [f"| {' | '.join(columns)} |", f"| {' | '.join('---' for _ in columns)} |"]
    lines += [f"| {' | '.join(str(row.get(key, '')) for key in columns)} |" for row in rows]
    return "\n".join([f"`{result['command']}`: {', '.join(place)}", "", *lines])


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


def write_table(name: str, text: str) -> None:
    """Put a table between `<!-- NAME -->` and `<!-- end of NAME -->` of the page."""
    # takes a second to import
    from experiments.tables import replaced

    page = replaced(PAGE.read_text(encoding="utf-8"), name, text)
    with atomic_path(PAGE, overwrite=True) as temporary:
        temporary.write_text(page, encoding="utf-8")
