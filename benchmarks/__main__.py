"""Measures speed and writes benchmarks/results/speed.json and the table of docs/speed.md.

    python -m benchmarks [sampling] [training] [imports] [exported] [--quick]

Run nothing else on the machine. The mode of an image has a command of its own:
`python -m benchmarks.map`. Needs `pip install 'divnoising_tf[benchmark,test]'`.
"""

import argparse
import importlib
import json
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

from divnoising_tf._files import atomic_path

NAMES = ("sampling", "training", "imports", "exported")
RESULTS = Path(__file__).parent / "results" / "speed.json"
PAGE = Path(__file__).parents[1] / "docs" / "speed.md"


def main() -> None:
    """Run the benchmarks that are named, or all."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("names", nargs="*", choices=[*NAMES, []], help="all if none is given")
    parser.add_argument("--quick", action="store_true", help="tiny sizes, to try it; not written")
    arguments = parser.parse_args()

    # after the arguments: these imports take seconds
    from benchmarks.rounds import use_all_cores
    from experiments.common import machine

    use_all_cores()
    described = machine()
    described["versions"] |= {name: version(name) for name in ("torch", "onnxruntime")}
    command = " ".join(["python -m benchmarks", *sys.argv[1:]])
    results = {} if arguments.quick else _earlier()
    for name in arguments.names or NAMES:
        rows = importlib.import_module(f"benchmarks.{name}").rows(arguments.quick)
        results[name] = {"command": command, "machine": described, "rows": rows}
        print(json.dumps(rows, indent=1), flush=True)
        if not arguments.quick:
            _write(results)


def table(results: dict[str, Any]) -> str:
    """Return the Markdown of all results."""
    return "\n\n".join(_section(one) for one in results.values())


def _section(result: dict[str, Any]) -> str:
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


def _earlier() -> dict[str, Any]:
    return json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}


def _write(results: dict[str, Any]) -> None:
    from experiments.tables import replaced

    with atomic_path(RESULTS, overwrite=True) as temporary:
        temporary.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    page = replaced(PAGE.read_text(encoding="utf-8"), "speed", table(results))
    with atomic_path(PAGE, overwrite=True) as temporary:
        temporary.write_text(page, encoding="utf-8")
    print(f"wrote {RESULTS.name} and {PAGE.name}")


if __name__ == "__main__":
    main()
