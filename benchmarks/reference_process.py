"""The PyTorch reference in a process of its own, which waits while others have their turn."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks import subjects
from benchmarks.images import DEVIATION, MEAN
from measuring.machine import cores


class ReferenceProcess:
    """Starts the reference; use it in a `with` block.

    Args:
        depth: levels of the network.
        n: images in a training batch; the first of them is sampled.
        size: side of an image, pixels.
    """

    def __init__(self, depth: int, n: int, size: int):
        noise = subjects.noise_model()
        settings = {
            "threads": cores(),
            "depth": depth,
            "coefficients": noise.coefficients.tolist(),
            "signal_range": noise.signal_range,
            "min_variance": noise.min_variance,
            "mean": MEAN,
            "deviation": DEVIATION,
            "images": n,
            "size": size,
        }
        self._batch = n
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.reference", json.dumps(settings)],
            cwd=Path(__file__).parents[1],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def sample(self, n: int) -> int:
        """Draw n samples of the first image, and return n."""
        self._work("sample", n)
        return n

    def train(self, steps: int) -> int:
        """Make training steps, and return the number of images."""
        self._work("train", steps)
        return steps * self._batch

    def __enter__(self) -> "ReferenceProcess":
        return self

    def __exit__(self, *_: Any) -> None:
        self._process.communicate()

    def _work(self, work: str, number: int) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([work, number]) + "\n")
        self._process.stdin.flush()
        if self._process.stdout.readline() != "done\n":
            raise SystemExit("The reference failed: is torch installed? See above.")
