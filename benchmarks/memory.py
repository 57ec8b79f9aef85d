"""Peak memory of the posterior: of an image in memory by samples, and of a file of any size.

    python -m benchmarks.memory

writes benchmarks/results/memory.json; `--image-size 512 --file-size 512 --samples 10` is a trial.
Every measurement is a process of its own, whose largest resident size the system tells; of an image
in memory also after every 10 samples. A run that takes longer than `--most-seconds` stops there;
"samples" says how many there were. The model's weights are random: memory does not depend on them.
`python -m benchmarks.memory_figure` draws what was measured.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from measuring.files import write_json
from measuring.machine import machine

RESULTS = Path(__file__).parent / "results" / "memory.json"
_GOAL = 3 * 2**30  # bytes, of the file
_SECONDS_BETWEEN_LINES = 60
_DRAWS_BETWEEN_NOTES = 10
_STRIP = 512  # rows of the file that are made at once, pixels


def main() -> None:
    """Measure what the arguments ask for, one process after the other."""
    arguments = _arguments()
    record: dict[str, Any] = {"machine": machine(), "depth": arguments.depth}
    common = {"depth": arguments.depth, "tile_size": arguments.tile_size}
    record["image"] = {
        "size": arguments.image_size,
        "measured": [
            _in_a_process(
                "image",
                size=arguments.image_size,
                samples=samples,
                seconds=arguments.most_seconds,
                **common,
            )
            for samples in arguments.samples
        ],
    }
    if arguments.file_size:
        record["file"] = _file(arguments, common)
    write_json(arguments.output, record)
    print(_table(record))


def image_peak(
    size: int, samples: int, depth: int, tile_size: int | None, seconds: float
) -> dict[str, Any]:
    """Draw samples of an image in memory, and keep their moments; note the peak on the way."""
    import numpy as np

    from divnoising_tf.machine.memory import available_memory
    from divnoising_tf.posterior.converged_moments import converged_moments
    from divnoising_tf.posterior.tiling.memory import largest_tile_size
    from divnoising_tf.posterior.tiling.tiled_planes import TiledPlanes

    model = _model(depth)
    rng = np.random.default_rng(0)
    image = np.concatenate(
        [rng.normal(100, 20, (rows, size)).clip(0).astype(np.float32) for rows in _strips(size)]
    )
    tile_size = tile_size or largest_tile_size(model, available_memory())
    rule = _NotedDraws(samples, seconds)

    def work() -> None:
        # what `Posterior.moments` does, which goes over the tiles again for every round of draws
        tiled = TiledPlanes(model, image[np.newaxis, ..., np.newaxis], [0], tile_size)
        converged_moments((1, size, size, 1), rule, False, tiled.add)

    figures = _figures(work, samples, tile_size)
    drawn = rule.curve[-1]["samples"]
    return {**figures, "samples": drawn, "samples_asked": samples, "curve": rule.curve}


class _NotedDraws:
    """Asks for ten more draws at a time, and notes peak and seconds; a `StoppingRule`.

    Args:
        most: number of draws.
        seconds: after which it stops early.
    """

    def __init__(self, most: int, seconds: float):
        self._most, self._seconds = most, seconds
        self._begin = time.monotonic()
        self.curve: list[dict[str, float]] = []

    @property
    def first(self) -> int:
        self._begin = time.monotonic()
        return min(_DRAWS_BETWEEN_NOTES, self._most)

    def wanted(self, drawn: int, *variances: Any) -> int:
        passed = time.monotonic() - self._begin
        self.curve.append({"samples": drawn, "peak_bytes": _peak(), "seconds": round(passed, 1)})
        enough = passed > self._seconds
        return drawn if enough else min(drawn + _DRAWS_BETWEEN_NOTES, self._most)

    def excess(self, drawn: int, *variances: Any) -> float:
        return 0.0


def file_peak(path: str, samples: int, depth: int, tile_size: int | None) -> dict[str, Any]:
    """Denoise a file into another one."""
    from divnoising_tf.large import denoise_large
    from divnoising_tf.machine.memory import available_memory
    from divnoising_tf.posterior.tiling.memory import largest_tile_size

    model, output = _model(depth), Path(path).with_name("out.zarr")
    tile_size = tile_size or largest_tile_size(model, available_memory())
    return _figures(
        lambda: denoise_large(model, path, output, average=samples, tile_size=tile_size),
        samples,
        tile_size,
    )


def write_file(path: str, size: int) -> dict[str, Any]:
    """Write a noisy OME-Zarr, some rows at a time."""
    import numpy as np
    import zarr

    group = zarr.create_group(path)
    array = group.create_array(
        "0", shape=(size, size), chunks=(min(size, _STRIP),) * 2, dtype="uint16"
    )
    axes = [{"name": one, "type": "space", "unit": "micrometer"} for one in "yx"]
    scale = {"type": "scale", "scale": [0.1, 0.1]}
    datasets = [{"path": "0", "coordinateTransformations": [scale]}]
    group.attrs["ome"] = {"version": "0.5", "multiscales": [{"axes": axes, "datasets": datasets}]}
    rng, first = np.random.default_rng(0), 0
    for rows in _strips(size):
        array[first : first + rows] = rng.normal(100, 20, (rows, size)).clip(0).astype(np.uint16)
        first += rows
    return {"bytes": size * size * 2}


def _file(arguments: argparse.Namespace, common: dict[str, Any]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(dir=arguments.scratch) as folder:
        path = str(Path(folder) / "in.zarr")
        print(f"writing {arguments.file_size}² pixels to {path}", flush=True)
        _in_a_process("write", path=path, size=arguments.file_size)
        measured = _in_a_process("file", path=path, samples=arguments.file_samples, **common)
    within = measured["peak_bytes"] <= _GOAL
    return {"size": arguments.file_size, "goal_bytes": _GOAL, "within_goal": within, **measured}


def _model(depth: int) -> Any:
    from divnoising_tf import DivNoising, GaussianNoiseModel

    return DivNoising(
        GaussianNoiseModel(20.0), depth=depth, data_mean=100.0, data_standard_deviation=25.0
    )


def _strips(size: int) -> list[int]:
    return [min(_STRIP, size - first) for first in range(0, size, _STRIP)]


def _figures(work: Callable[[], Any], samples: int, tile_size: int) -> dict[str, Any]:
    """Do the work, and return the peak before and after it."""
    before, begin = _peak(), time.monotonic()
    work()
    return {
        "samples": samples,
        "tile_size": tile_size,
        "peak_bytes": _peak(),
        "peak_bytes_before": before,
        "seconds": round(time.monotonic() - begin, 1),
    }


def _peak() -> int:
    """Return the largest resident size of this process so far, bytes."""
    status = Path("/proc/self/status")
    if status.exists():
        # not getrusage: on Linux that begins with the peak of the process which started this one
        return int(status.read_text().split("VmHWM:")[1].split()[0]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _in_a_process(name: str, **options: Any) -> dict[str, Any]:
    """Run one of the measurements in a process of its own, and say every minute that it runs."""
    print(f"{name}: {', '.join(f'{key} {value}' for key, value in options.items())}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        result, begin = Path(folder) / "figures.json", time.monotonic()
        command = (sys.executable, "-m", "benchmarks.memory", "--measure", name)
        process = subprocess.Popen([*command, json.dumps(options), str(result)])
        while process.poll() is None:
            try:
                process.wait(_SECONDS_BETWEEN_LINES)
            except subprocess.TimeoutExpired:
                print(f"  {(time.monotonic() - begin) / 60:.0f} min{_tiles(options)}", flush=True)
        if process.returncode != 0:
            raise SystemExit(f"The measurement ended with exit code {process.returncode}.")
        figures = json.loads(result.read_text(encoding="utf-8"))
    print(f"  {figures}", flush=True)
    return figures


def _tiles(options: dict[str, Any]) -> str:
    """Return how many tiles of a file are done, if it is one."""
    journal = Path(options.get("path", "none")).with_name("out.zarr.partial") / "journal.txt"
    if not journal.exists():
        return ""
    return f", {len(journal.read_text().splitlines()) - 1} tiles"


def _table(record: dict[str, Any]) -> str:
    lines = ["| image | samples | tile | peak, GiB | before sampling, GiB | seconds |"]
    lines.append("|" + "-|" * 6)
    rows = [(record["image"]["size"], one) for one in record["image"]["measured"]]
    if "file" in record:
        rows.append((record["file"]["size"], record["file"]))
    for size, one in rows:
        peak, before = (one[key] / 2**30 for key in ("peak_bytes", "peak_bytes_before"))
        where = "OME-Zarr" if one is record.get("file") else "in memory"
        lines.append(
            f"| {size}², {where} | {one['samples']} | {one['tile_size']} | {peak:.2f} | "
            f"{before:.2f} | {one['seconds']} |"
        )
    return "\n".join(lines)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--image-size", type=int, default=4096, help="pixels along an edge")
    parser.add_argument("--samples", type=int, nargs="+", default=[10, 100, 1000])
    parser.add_argument(
        "--most-seconds", type=float, default=1200.0, help="of sampling an image in memory"
    )
    parser.add_argument("--file-size", type=int, default=16384, help="0 leaves the file out")
    parser.add_argument("--file-samples", type=int, default=20)
    parser.add_argument("--depth", type=int, default=2)
    parser.add_argument("--tile-size", type=int, help="by default what memory bears")
    parser.add_argument("--scratch", type=Path, help="folder with space for the files")
    parser.add_argument("--output", type=Path, default=RESULTS)
    return parser.parse_args()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        measures = {"image": image_peak, "file": file_peak, "write": write_file}
        figures = measures[sys.argv[2]](**json.loads(sys.argv[3]))
        Path(sys.argv[4]).write_text(json.dumps(figures), encoding="utf-8")
    else:
        main()
