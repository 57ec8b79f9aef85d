"""FMD, real confocal and two-photon noise: four shots of one scene, which are trained on."""

from functools import lru_cache
from typing import Any

import numpy as np
import skimage.io

from divnoising_tf import Bootstrap, GaussianMixtureNoiseModel, bootstrap
from divnoising_tf.errors import InputError
from experiments.task import Task
from experiments.tasks.files import task_file

SHOTS = 4


def load(
    sample: str, noise_model: str = "repeats", bootstrap_minutes: float = 3.0, **settings: Any
) -> Task:
    """Load one type of sample.

    Args:
        sample: "Confocal_MICE", "Confocal_BPAE_B" or "TwoPhoton_BPAE_G".
        noise_model: "repeats", from the shots of the scene, or "bootstrapped", from its first
            shot and the blind-spot denoiser's result.
        bootstrap_minutes: of the denoiser's training at the most.
        **settings: further fields of `Task`.
    """
    shots = np.stack([_read(f"raw_{sample}_{number}.png") for number in range(1, SHOTS + 1)])
    truth = _read(f"gt_{sample}.png")
    if noise_model == "repeats":
        model = GaussianMixtureNoiseModel.fit_repeats(shots)
        # the mean of the shots has a part of each shot's noise
        residuals = (shots - shots.mean(0)) * np.sqrt(SHOTS / (SHOTS - 1))
    elif noise_model == "bootstrapped":
        found = _bootstrapped(sample, bootstrap_minutes)
        model, residuals = found.noise_model, shots[0] - found.denoised
    else:
        raise InputError(
            "FMD has no such noise model.", noise_model, 'Give "repeats" or "bootstrapped".'
        )
    return Task(
        f"fmd_{sample}_{noise_model}",
        train=list(shots),
        # the only truth is that of the test
        train_signal=None,
        test=list(shots),
        test_signal=[truth] * SHOTS,
        noise_model=model,
        noise_deviation=float(residuals.std()),
        **settings,
    )


@lru_cache
def _bootstrapped(sample: str, minutes: float) -> Bootstrap:
    """Bootstrap once, for all methods that are run."""
    return bootstrap(_read(f"raw_{sample}_1.png"), minutes=minutes)


def _read(name: str) -> np.ndarray:
    return skimage.io.imread(task_file("fmd_testset", name)).astype(np.float32)
