"""Convallaria, Mouse actin, Mouse nuclei: many shots of one static scene, and of another one.

As in Fully Unsupervised PN2V: the truth is the mean of all shots, they are trained on themselves,
and tested on a part of the scene.
"""

from typing import Any

import numpy as np

from divnoising_tf import GaussianMixtureNoiseModel
from experiments.task import Task
from experiments.tasks.files import as_floats, task_file


def load(
    folder: str,
    shots: str,
    repeats: str,
    rows: int,
    columns: int,
    test_images: int = 10,
    **settings: Any,
) -> Task:
    """Load one scene.

    Args:
        folder: of the unpacked archive, under DIVNOISING_DATA.
        shots: TIFF file of the scene, (n, y, x), counts.
        repeats: TIFF file of shots of another static scene, such as the field diaphragm.
        rows: of the part that is tested, the first ones.
        columns: likewise.
        test_images: shots that are tested, spread over all.
        **settings: further fields of `Task`.
    """
    import tifffile

    scene = tifffile.imread(task_file(folder, shots)).astype(np.float32)
    of_noise = tifffile.imread(task_file(folder, repeats))
    part = (slice(0, rows), slice(0, columns))
    chosen = np.linspace(0, len(scene) - 1, min(test_images, len(scene))).astype(int)
    truth = scene.mean(0)
    return Task(
        folder,
        train=list(scene),
        # the only truth is that of the test
        train_signal=None,
        test=as_floats([scene[number][part] for number in chosen]),
        test_signal=[truth[part]] * len(chosen),
        noise_model=GaussianMixtureNoiseModel.fit_repeats(of_noise),
        noise_deviation=float((scene - truth).std()),
        **settings,
    )
