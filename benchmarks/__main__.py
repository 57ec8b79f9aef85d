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

from benchmarks.page import PAGE, table
from measuring.files import write_json
from measuring.markdown import write_table

NAMES = ("sampling", "training", "imports", "exported")
RESULTS = Path(__file__).parent / "results" / "speed.json"


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
    from measuring.machine import machine

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


def _earlier() -> dict[str, Any]:
    return json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}


def _write(results: dict[str, Any]) -> None:
    write_json(RESULTS, results)
    write_table(PAGE, "speed", table(results))


if __name__ == "__main__":
    main()
