"""Pictures of cells whose labels are known, for the tests of segmentation."""

import numpy as np


def membranes(
    size: tuple[int, int] = (96, 101), spacing: int = 24, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Return an image of bright membranes, counts, and the cells between them as labels."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[spacing // 2 : size[0] : spacing, spacing // 2 : size[1] : spacing]
    centres = np.stack([rows.ravel(), columns.ravel()], 1) + rng.uniform(-4, 4, (rows.size, 2))
    y, x = np.mgrid[: size[0], : size[1]]
    distances = np.hypot(y[..., None] - centres[:, 0], x[..., None] - centres[:, 1])
    nearest, second = np.sort(distances, axis=-1)[..., :2].transpose(2, 0, 1)
    image = 20 + 200 * np.exp(-((second - nearest) ** 2) / 8)
    return image, distances.argmin(-1).astype(np.int32) + 1


def nuclei(size: int = 90, radius: int = 7, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return an image of bright nuclei on dark ground, counts, and the nuclei as labels."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:size, :size]
    labels = np.zeros((size, size), np.int32)
    for number, (row, column) in enumerate(np.ndindex(3, 3), 1):
        centre = 15 + 30 * np.array([row, column]) + rng.uniform(-4, 4, 2)
        labels[np.hypot(y - centre[0], x - centre[1]) < radius] = number
    return 10.0 + 100 * (labels > 0), labels
