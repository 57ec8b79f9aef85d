"""The images of the benchmarks: what they show does not matter to the speed."""

import numpy as np

MEAN, DEVIATION = 100.0, 30.0  # counts


def images(n: int, size: int) -> np.ndarray:
    """Return noise of whole counts, float32 (n, size, size)."""
    pixels = np.random.default_rng(0).normal(MEAN, DEVIATION, (n, size, size))
    return pixels.clip(0).round().astype(np.float32)
