"""W2S, real wide-field noise, single shots (avg1): channels 0 and 2 in 8 bit.

Noise model from fields of view 1-20, trained on the shots of 1-80, tested on 81-120. In electrons,
the default, all images share one noise model; the truth is brought to the units of its shot.
"""

import csv
from typing import Any

import numpy as np

from divnoising_tf import GaussianMixtureNoiseModel
from experiments.task import Task
from experiments.tasks.files import data_folder
from model_zoo.builder.w2s import SIGNAL_FIELDS, read_w2s

TRAINING = slice(0, 80)
TEST = slice(80, 120)


def load(channel: int, units: str = "electrons", **settings: Any) -> Task:
    """Load one channel.

    Args:
        channel: 0 or 2.
        units: "electrons", common to all images, or "counts" as they are.
        **settings: further fields of `Task`.
    """
    folder = data_folder() / f"w2s_ch{channel}_8bit"
    images = read_w2s(folder, units)
    shots = images.noisy[:SIGNAL_FIELDS]
    noise_model = GaussianMixtureNoiseModel.fit(images.signal, shots)
    return Task(
        f"w2s_ch{channel}",
        train=list(images.noisy[TRAINING]),
        train_signal=list(images.signal),
        test=list(images.noisy[TEST]),
        test_signal=list(_in_units_of_shots(images.truth, folder / "calibration.csv", units)),
        noise_model=noise_model,
        noise_deviation=float(np.std(shots - images.signal)),
        **settings,
    )


def _in_units_of_shots(truth: np.ndarray, file: Any, units: str) -> np.ndarray:
    """Bring the truth of the test fields, stretched on its own, to the units of the shots."""
    with file.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))[TEST]
    scale, shift, gain, intercept = (
        np.array([float(row[name]) for row in rows], np.float32)[:, np.newaxis, np.newaxis]
        for name in ("b", "c", "alpha", "beta")
    )
    counts = scale * truth + shift
    return counts / gain + intercept / gain**2 if units == "electrons" else counts
