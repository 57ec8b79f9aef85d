"""How many samples do antithetic pairs save? A pair is decoded from noise and its opposite.

The model and its images are those that the demo leaves: `python3 run.py demo`.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

import divnoising_tf as dn
from divnoising_tf.data import read_image
from divnoising_tf.errors import InputError

_ROOT = Path(__file__).parents[2]
_DEFAULTS: dict[str, Any] = {
    "name": "antithetic",
    "folder": "demo-results",  # in the folder of the repository
    "size": 256,  # of the part of the image, pixels
    "seeds": 5,  # of the samples, over which is averaged
    "numbers": [2, 4, 10, 20, 50, 100, 200],  # samples in the mean of pairs, even
    "plain": 1000,  # samples in the longest plain mean
}
_FILES = ("model.keras", "noisy.tif", "truth.tif")
_AT_ONCE = 10


def run(settings: Mapping[str, Any], minutes: None, seed: int) -> dict[str, Any]:
    """Compare means of samples and of pairs with the truth.

    Args:
        settings: what differs from `_DEFAULTS`.
        minutes: none; nothing is trained.
        seed: the first of the samples.
    """
    settings = {**_DEFAULTS, **settings}
    files = [_ROOT / settings["folder"] / name for name in _FILES]
    if not all(file.is_file() for file in files):
        raise InputError(
            "The demo's model and images are not there.",
            files[0].parent,
            "Run `python3 run.py demo` first.",
        )
    part = (slice(0, settings["size"]), slice(0, settings["size"]))
    model = dn.load_model(files[0])
    noisy = read_image(files[1]).array[part].astype(np.float32)
    truth = read_image(files[2]).array[part].astype(np.float64)
    numbers, plain = settings["numbers"], settings["plain"]
    runs = [
        _run(_Sampler(model, noisy, seed + number), truth, numbers, plain)
        for number in range(settings["seeds"])
    ]
    return _compared(runs, np.ptp(truth), numbers)


def _run(
    sampler: "_Sampler", truth: np.ndarray, numbers: list[int], longest: int
) -> dict[str, Any]:
    """Return squared errors after every number of samples, and what tells of the deviation."""
    plain, total, squares = [], np.zeros_like(truth), np.zeros_like(truth)
    for number, sample in enumerate(sampler.samples(longest, sign=1), 1):
        total += sample
        squares += sample**2
        plain.append(_squared_error(total / number, truth))
    variance = (squares - total**2 / longest) / (longest - 1)
    paired, variances = [], {}
    pairs = (sampler.samples(numbers[-1] // 2, sign) for sign in (1, -1))
    total, squares, of_means = (np.zeros_like(truth) for _ in range(3))
    for number, (one, other) in enumerate(zip(*pairs, strict=True), 1):
        total += one + other
        squares += one**2 + other**2
        of_means += ((one + other) / 2) ** 2
        paired.append(_squared_error(total / (2 * number), truth))
        if 2 * number in numbers and number > 1:
            variances[2 * number] = _variances(total, squares, of_means, number)
    return {
        "plain": np.array(plain),
        "paired": np.array(paired),
        "variance": variance,
        "variances": variances,
    }


class _Sampler:
    def __init__(self, model: Any, noisy: np.ndarray, seed: int):
        self._context = model.encode(noisy[np.newaxis, ..., np.newaxis])
        self._model, self._seed, self._size = model, seed, noisy.shape

    def samples(self, n: int, sign: int) -> Iterator[np.ndarray]:
        """Yield samples 0 to n - 1, or with sign -1 their partners."""
        for first in range(0, n, _AT_ONCE):
            batch = self._model.decode_samples(
                self._context, self._seed, first, min(_AT_ONCE, n - first), opposite=sign < 0
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


def _compared(runs: list[dict[str, Any]], extent: float, numbers: list[int]) -> dict[str, Any]:
    plain, paired = (np.mean([run[name] for run in runs], axis=0) for name in ("plain", "paired"))
    variance = np.mean([run["variance"] for run in runs], axis=0)
    rows = []
    for samples in numbers:
        error = paired[samples // 2 - 1]
        reached = np.flatnonzero(plain <= error)
        row = {
            "samples": samples,
            "plain, dB": _decibels(plain[samples - 1], extent),
            "pairs, dB": _decibels(error, extent),
            "plain samples for as much": int(reached[0]) + 1 if len(reached) else None,
        }
        if samples in runs[0]["variances"]:
            for name, index in (("as if independent", 0), ("corrected", 1)):
                estimate = np.mean([run["variances"][samples][index] for run in runs])
                ratio = float(np.sqrt(estimate / variance.mean()))
                row[f"standard deviation, {name}, ratio"] = round(ratio, 4)
        rows.append(row)
    return {
        f"plain, {len(plain)} samples, dB": _decibels(plain[-1], extent),
        "seeds": len(runs),
        "rows": rows,
    }


def _decibels(error: float, extent: float) -> float:
    return round(float(10 * np.log10(extent**2 / error)), 4)
