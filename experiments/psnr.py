"""The PSNR that a row of a recipe asks for."""

from collections.abc import Callable
from functools import partial

import numpy as np

from divnoising_tf.metrics import psnr, psnr_affine
from experiments.recipe import Row

Measure = Callable[[np.ndarray, np.ndarray], float]


def measure_of(row: Row) -> Measure:
    """Return the PSNR in dB of an image against the truth, as a function of truth and image."""
    return psnr_affine if row.metric == "psnr_affine" else partial(psnr, value_range=row.peak)
