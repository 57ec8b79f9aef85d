"""How many samples do antithetic pairs save? A pair is decoded from mean + and - deviation · noise.

Give it the folder that `divnoising demo` wrote: it needs its model.keras, noisy.tif and truth.tif.

    divnoising demo -o demo --minutes 4
    python -m experiments.antithetic demo
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

import divnoising_tf  # noqa: F401 - registers the model's classes
from divnoising_tf.data import read_image
from experiments.common import write_results
from measuring.machine import machine

NUMBERS = (2, 4, 10, 20, 50, 100, 200)  # samples in the mean of pairs
PLAIN = 1000  # samples in the longest plain mean
AT_ONCE = 10


def main() -> None:
    """Measure, and write results/antithetic.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="results of `divnoising demo`")
    parser.add_argument("--size", type=int, default=256, help="of the part of the image, pixels")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--name", default="antithetic", help="of the result")
    arguments = parser.parse_args()
    part = (slice(0, arguments.size), slice(0, arguments.size))
    noisy = read_image(arguments.folder / "noisy.tif").array[part].astype(np.float32)
    truth = read_image(arguments.folder / "truth.tif").array[part].astype(np.float64)
    model = keras.saving.load_model(arguments.folder / "model.keras")
    runs = [_run(model, noisy, truth, seed) for seed in range(arguments.seeds)]
    results = {
        "command": f"python -m experiments.antithetic FOLDER --size {arguments.size} "
        f"--seeds {arguments.seeds}",
        "machine": machine(),
        **_compared(runs, np.ptp(truth)),
    }
    write_results(arguments.name, results)


def _run(model: Any, noisy: np.ndarray, truth: np.ndarray, seed: int) -> dict[str, np.ndarray]:
    """Return squared errors after every number of samples, and what tells of the deviation."""
    draw = _Sampler(model, noisy, seed)
    plain, total, squares = [], np.zeros_like(truth), np.zeros_like(truth)
    for number, sample in enumerate(draw.samples(PLAIN, sign=1), 1):
        total += sample
        squares += sample**2
        plain.append(_squared_error(total / number, truth))
    variance = (squares - total**2 / PLAIN) / (PLAIN - 1)
    paired, deviations = [], {}
    pairs = zip(draw.samples(NUMBERS[-1] // 2, 1), draw.samples(NUMBERS[-1] // 2, -1), strict=True)
    total, squares, of_means = (np.zeros_like(truth) for _ in range(3))
    for number, (one, other) in enumerate(pairs, 1):
        total += one + other
        squares += one**2 + other**2
        of_means += ((one + other) / 2) ** 2
        paired.append(_squared_error(total / (2 * number), truth))
        if 2 * number in NUMBERS and number > 1:
            deviations[2 * number] = _variances(total, squares, of_means, number)
    return {
        "plain": np.array(plain),
        "paired": np.array(paired),
        "variance": variance,
        "variances": deviations,
    }


class _Sampler:
    def __init__(self, model: Any, noisy: np.ndarray, seed: int):
        mean, log_variance = model.encode(noisy[np.newaxis, ..., np.newaxis])
        self._mean, self._deviation = mean[0], tf.exp(0.5 * log_variance[0])
        self._model, self._seed, self._size = model, seed, noisy.shape

    def samples(self, n: int, sign: int) -> Iterator[np.ndarray]:
        """Yield samples 0 to n - 1, or with sign -1 their partners."""
        for first in range(0, n, AT_ONCE):
            batch = self._model.decode_samples(
                self._mean, sign * self._deviation, self._seed, first, min(AT_ONCE, n - first)
            )
            yield from batch[:, : self._size[0], : self._size[1], 0].numpy().astype(np.float64)


def _variances(
    total: np.ndarray, squares: np.ndarray, of_means: np.ndarray, pairs: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the sample variance of all, as if independent, and the one that is unbiased."""
    samples = 2 * pairs
    within = squares - total**2 / samples
    of_pair = (of_means - total**2 / (4 * pairs)) / (pairs - 1)
    return within / (samples - 1), (within + 2 * of_pair) / samples


def _squared_error(image: np.ndarray, truth: np.ndarray) -> float:
    return float(np.mean((image - truth) ** 2))


def _compared(runs: list[dict[str, Any]], extent: float) -> dict[str, Any]:
    plain, paired = (np.mean([run[name] for run in runs], axis=0) for name in ("plain", "paired"))
    variance = np.mean([run["variance"] for run in runs], axis=0)
    numbers = np.arange(1, PLAIN + 1)
    rows = []
    for samples in NUMBERS:
        error = paired[samples // 2 - 1]
        reached = np.flatnonzero(plain <= error)
        row = {
            "samples": samples,
            "plain, dB": _decibels(plain[samples - 1], extent),
            "pairs, dB": _decibels(error, extent),
            "plain samples for as much": int(numbers[reached[0]]) if len(reached) else None,
        }
        if samples in runs[0]["variances"]:
            for name, index in (("as if independent", 0), ("corrected", 1)):
                estimate = np.mean([run["variances"][samples][index] for run in runs])
                ratio = float(np.sqrt(estimate / variance.mean()))
                row[f"standard deviation, {name}, ratio"] = round(ratio, 4)
        rows.append(row)
    return {
        f"plain, {PLAIN} samples, dB": _decibels(plain[-1], extent),
        "seeds": len(runs),
        "rows": rows,
    }


def _decibels(error: float, extent: float) -> float:
    return round(float(10 * np.log10(extent**2 / error)), 4)


if __name__ == "__main__":
    main()
