"""Small synthetic images with structure, for tests that train."""

import numpy as np


def smooth_images(n: int, size: int = 32, seed: int = 0) -> np.ndarray:
    """Return n images of soft blobs, counts between about 50 and 250, (n, size, size)."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:size, :size]
    images = np.full((n, size, size), 50.0)
    for image in images:
        for _ in range(4):
            row, column = rng.uniform(0, size, 2)
            width, height = rng.uniform(2, 5), rng.uniform(50, 100)
            image += height * np.exp(-((y - row) ** 2 + (x - column) ** 2) / (2 * width**2))
    return images.astype(np.float32)


def noisy_images(n: int, size: int = 32, deviation: float = 15.0, seed: int = 0) -> np.ndarray:
    """Return the same images with Gaussian noise of a standard deviation in counts."""
    noise = np.random.default_rng(seed + 1).normal(0, deviation, (n, size, size))
    return (smooth_images(n, size, seed) + noise).astype(np.float32)
