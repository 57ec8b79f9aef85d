"""BM3D (Dabov et al., 2007), as its authors' package `bm3d` has it; nothing is trained.

The package is for non-commercial use only, which is why no other extra brings it along.
"""

from typing import Any

import numpy as np

from divnoising_tf.errors import InputError
from experiments.task import Denoised, Task

# the blocks that BM3D compares
_SMALLEST_SIDE = 8


def denoise(task: Task, minutes: float, seed: int) -> Denoised:
    """Denoise the test images; the only parameter is the standard deviation of the noise.

    Raises:
        InputError: the package is not installed.
    """
    bm3d = _library()
    images = [_denoised(bm3d, image, task.noise_deviation) for image in task.test]
    return Denoised(images, 0, 0.0, {"sigma": task.noise_deviation, "profile": "np"})


def _denoised(bm3d: Any, image: np.ndarray, deviation: float) -> np.ndarray:
    # its thresholds are made for intensities from 0 to 1
    low, span = float(image.min()), float(np.ptp(image)) or 1.0
    missing = [(0, max(0, _SMALLEST_SIDE - side)) for side in image.shape]
    padded = np.pad((image.astype(np.float64) - low) / span, missing, mode="symmetric")
    result = bm3d.bm3d(padded, sigma_psd=deviation / span, profile="np")
    height, width = image.shape
    return (low + span * np.asarray(result)[:height, :width]).astype(np.float32)


def _library() -> Any:
    try:
        import bm3d
    except ImportError as error:
        raise InputError(
            "This needs the library bm3d, which is not installed.",
            str(error),
            "If your use is not commercial, see its licence: pip install 'divnoising_tf[bm3d]'.",
        ) from error
    return bm3d
