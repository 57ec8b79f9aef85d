"""How many bytes a pixel do encoding and decoding take at their peak? For `bytes_per_pixel`.

    python -m benchmarks.tile_memory

Linux only. Every figure comes from a process of its own: memory that was used once is not given
back.
"""

import argparse
import subprocess
import sys
from pathlib import Path

import numpy as np
import tensorflow as tf

from divnoising_tf import GaussianNoiseModel
from divnoising_tf.models.divnoising.settings import DivNoisingSettings
from divnoising_tf.models.hierarchical.settings import HierarchicalSettings
from divnoising_tf.models.settings import NetworkSettings
from measuring.files import write_json
from measuring.machine import machine

RESULTS = Path(__file__).parent / "results" / "tile_memory.json"
# sizes, channels of the image, number format
MODELS: tuple[tuple[NetworkSettings, int, str], ...] = (
    (DivNoisingSettings(), 1, "float32"),
    (DivNoisingSettings(base_channels=64), 1, "float32"),
    (DivNoisingSettings(latent_channels=512), 1, "float32"),
    (DivNoisingSettings(), 1, "mixed_bfloat16"),
    (DivNoisingSettings(depth=3), 1, "float32"),
    (DivNoisingSettings(depth=3), 1, "mixed_bfloat16"),
    (HierarchicalSettings(), 1, "float32"),
    (HierarchicalSettings(), 1, "mixed_bfloat16"),
    (HierarchicalSettings(level_channels=(128, 128, 192)), 1, "float32"),
    (HierarchicalSettings(), 3, "float32"),
)
NETWORKS = ("encoder", "decoder")


def main() -> None:
    """Measure all, and write results/tile_memory.json; with arguments, print one figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--one", nargs=2, metavar=("NETWORK", "MODEL"), help="used by itself")
    parser.add_argument("--size", type=int, default=512, help="of the image, pixels")
    arguments = parser.parse_args()
    if arguments.one:
        network, number = arguments.one
        print(round(_bytes_per_pixel(network, *MODELS[int(number)], arguments.size)))
        return
    rows = []
    for number, (sizes, channels, dtype) in enumerate(MODELS):
        row = {**sizes.model_dump(mode="json"), "channels": channels, "format": dtype}
        for network in NETWORKS:
            row[f"{network}, bytes a pixel"] = _in_a_process(network, number, arguments.size)
        rows.append(row)
        print(row, flush=True)
    command = f"python -m benchmarks.tile_memory --size {arguments.size}"
    write_json(RESULTS, {"command": command, "machine": machine(), "rows": rows})


def _in_a_process(network: str, number: int, size: int) -> int:
    command = [sys.executable, "-m", "benchmarks.tile_memory", "--size", str(size)]
    run = subprocess.run(
        [*command, "--one", network, str(number)], capture_output=True, text=True, check=True
    )
    return int(run.stdout.split()[-1])


def _bytes_per_pixel(
    network: str, sizes: NetworkSettings, channels: int, dtype: str, size: int
) -> float:
    model = sizes.build(GaussianNoiseModel(5.0), channels, dtype)
    image = np.random.default_rng(0).normal(100, 20, (1, size, size, channels)).astype(np.float32)
    model.adapt(image)
    # what is made once is not of the peak
    model.decode_samples(model.encode(image[:, :64, :64]), 0, 0, 1)
    context = tuple(
        tf.zeros((1, size // grid.stride, size // grid.stride, grid.channels))
        for grid in model.context_grids
    )
    before = _status("VmRSS")
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # forget the peak so far
    encodes = network == "encoder"
    result = model.encode(image) if encodes else model.decode_samples(context, 0, 0, 1)
    peak = _status("VmHWM")
    del result
    return (peak - before) / size**2


def _status(name: str) -> int:
    """Return a figure of this process in bytes, as Linux keeps it."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith(name))


if __name__ == "__main__":
    main()
