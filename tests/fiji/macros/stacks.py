"""Small stacks as a package's output opens in ImageJ, of known numbers."""

import numpy as np
import tifffile

# odd and not square; ImageJ shows it in pictures three times as large
HEIGHT, WIDTH, ZOOM = 61, 75, 3


def planes(samples=6, seed=0):
    """Return mean, uncertainty and samples, float32 (samples + 2, y, x), counts."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    signal = 100 + 0.5 * y + 40 * np.sin(x / 9) ** 2
    spread = 1 + 5 * x / WIDTH
    drawn = signal + spread * rng.normal(size=(samples, HEIGHT, WIDTH))
    return np.asarray([drawn.mean(axis=0), drawn.std(axis=0, ddof=1), *drawn], dtype=np.float32)


def names(samples=6):
    return ["mean", "uncertainty", *(f"sample {k + 1}" for k in range(samples))]


def write_stack(path, stack, labels=None, axes="CYX"):
    """Write an ImageJ TIFF whose planes are labelled."""
    metadata = {"axes": axes} | ({} if labels is None else {"Labels": labels})
    tifffile.imwrite(path, stack, imagej=True, metadata=metadata)
    return path


def opened(path):
    return f'open("{path}");'


def saved(path):
    """Return the lines of a macro that save the current image as TIFF and as picture."""
    return f'saveAs("Tiff", "{path}.tif"); saveAs("PNG", "{path}.png");'
