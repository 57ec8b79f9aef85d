"""Non-local means (Buades et al., 2005), as scikit-image has it; nothing is trained."""

import numpy as np
from skimage.restoration import denoise_nl_means

from experiments.task import Denoised, Task

PATCH_SIZE = 5
PATCH_DISTANCE = 6
# no truth is needed: the starting point that scikit-image advises for the exact algorithm
CUT_OFF = 0.6


def denoise(task: Task, minutes: float, seed: int) -> Denoised:
    """Denoise the test images; the only parameter is the standard deviation of the noise."""
    parameters = {
        "patch_size": PATCH_SIZE,
        "patch_distance": PATCH_DISTANCE,
        "h": CUT_OFF * task.noise_deviation,
        "sigma": task.noise_deviation,
        "fast_mode": False,
    }
    images = [
        denoise_nl_means(image, preserve_range=True, **parameters).astype(np.float32)
        for image in task.test
    ]
    return Denoised(images, 0, 0.0, parameters)
