"""What oneDNN gains in TensorFlow, which leaves it out on processors without AVX-512.

python -m benchmarks.onednn            # on a quiet machine, some minutes
python -m benchmarks.onednn --quick    # only shows that it runs

Writes benchmarks/results/onednn.json and its table of docs/speed.md. TensorFlow reads its switch
once, so that every turn is a process of its own; the two take turns.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.page import PAGE, section
from measuring.files import write_json
from measuring.markdown import write_table

RESULTS = Path(__file__).parent / "results" / "onednn.json"
SWITCH = "TF_ENABLE_ONEDNN_OPTS"
WAYS = {"without": "0", "with oneDNN": "1"}


def main() -> None:
    """Time both ways in turns, and write what came out."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="write nothing")
    parser.add_argument("--one-turn", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one_turn:
        print(json.dumps(_measured(arguments.quick)))
        return
    from measuring.machine import machine

    described = machine()
    found: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    for _ in range(1 if arguments.quick else 3):
        for way, value in WAYS.items():
            found[way].append(_turn(value, arguments.quick))
    rows = [_row(work, found) for work in found["without"][0]]
    print("\n".join(map(str, rows)))
    if not arguments.quick:
        results = {"command": "python -m benchmarks.onednn", "machine": described, "rows": rows}
        write_json(RESULTS, results)
        write_table(PAGE, "onednn", section(results))


def _turn(value: str, quick: bool) -> dict[str, float]:
    """Measure in a process that has the switch at a value."""
    command = [sys.executable, "-m", "benchmarks.onednn", "--one-turn", *["--quick"] * quick]
    environment = {**os.environ, SWITCH: value}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return json.loads(done.stdout.strip().splitlines()[-1])


def _row(work: str, found: dict[str, list[dict[str, float]]]) -> dict[str, Any]:
    rates = {way: [turn[work] for turn in turns] for way, turns in found.items()}
    slow, fast = rates.values()
    return {
        "work": work,
        **{f"{way}, per second": round(median(values), 2) for way, values in rates.items()},
        "ratio": round(median(b / a for a, b in zip(slow, fast, strict=True)), 2),
    }


def _measured(quick: bool) -> dict[str, float]:
    """Return units per second of every work in this process."""
    import keras

    import divnoising_tf as dn
    from benchmarks import subjects
    from benchmarks.images import images

    size, steps = (32, 2) if quick else (128, 12)
    patches = images(4, size)[..., None]
    model = subjects.model(2, "float32")
    blind_spot = dn.BlindSpotDenoiser()
    for one in (model, blind_spot):
        one.compile(optimizer=keras.optimizers.Adam(1e-3))
    posterior = model.posterior(images(1, 4 * size)[0], seed=0)
    samples = 4 if quick else 32
    return {
        "training, DivNoising, patches": _rate(
            lambda: [model.train_on_batch(patches) for _ in range(steps)], 4 * steps
        ),
        "training, Noise2Void, patches": _rate(
            lambda: [blind_spot.train_on_batch(patches) for _ in range(steps)], 4 * steps
        ),
        f"samples of a {4 * size}² image": _rate(lambda: posterior.moments(samples), samples),
    }


def _rate(work: Any, units: int) -> float:
    """Return units per second of the second of two calls: the first builds the graph."""
    work()
    begin = time.perf_counter()
    work()
    return units / (time.perf_counter() - begin)


if __name__ == "__main__":
    main()
