"""W2S as its authors publish it: data/normalized/avgN/FFF_C.npy, averages of N shots.

All captures were normalised by one mean and one standard deviation, so that they share one noise
model. Noise model from fields of view 1-20, trained on 1-80, tested on 81-120, as the 8-bit copy.
"""

from typing import Any

import numpy as np

from divnoising_tf import GaussianMixtureNoiseModel
from experiments.task import Task
from experiments.tasks.files import task_file

# of all captures, named by the data set's README
MEAN, DEVIATION = 154.535390853, 66.02846351802853
TRAINING, TEST = range(1, 81), range(81, 121)
NOISE_MODEL_FIELDS = 20  # the first ones


def load(channel: int, average: int, folder: str = "w2s", **settings: Any) -> Task:
    """Load one channel at one noise level.

    Args:
        channel: 0, 1 or 2.
        average: shots that a noisy image is the mean of: 1, 2, 4, 8 or 16.
        folder: the clone of the repository, under DIVNOISING_DATA.
        **settings: further fields of `Task`.
    """

    def read(shots: int, fields: range) -> list[np.ndarray]:
        place = (folder, "data", "normalized", f"avg{shots}")
        files = [task_file(*place, f"{field:03}_{channel}.npy") for field in fields]
        return [(MEAN + DEVIATION * np.load(file)).astype(np.float32) for file in files]

    train, signal = read(average, TRAINING), read(400, TRAINING)
    pairs = np.stack(signal[:NOISE_MODEL_FIELDS]), np.stack(train[:NOISE_MODEL_FIELDS])
    return Task(
        f"w2s_ch{channel}_avg{average}",
        train=train,
        train_signal=signal,
        test=read(average, TEST),
        test_signal=read(400, TEST),
        noise_model=GaussianMixtureNoiseModel.fit(*pairs),
        noise_deviation=float(np.std(pairs[1] - pairs[0])),
        **settings,
    )
