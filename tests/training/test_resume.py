"""A training that is killed goes on, with Keras's own means."""

import subprocess
import sys

import keras
import numpy as np
import pytest
from helpers.images import noisy_images

PROGRAM = """
import os, signal, sys
import keras, numpy
from divnoising_tf import DivNoising, GaussianNoiseModel

class Killer(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 6 and sys.argv[1] == "killed":
            os.kill(os.getpid(), signal.SIGKILL)

keras.utils.set_random_seed(0)
noise = GaussianNoiseModel(15.0)
model = DivNoising(noise, depth=1, latent_channels=4, base_channels=8)
model.compile(optimizer=keras.optimizers.Adam(2e-3))
backup = keras.callbacks.BackupAndRestore(sys.argv[2])
history = model.fit(
    numpy.load("images.npy"), batch_size=8, epochs=10, verbose=0, callbacks=[backup, Killer()]
).history
numpy.save("epochs.npy", len(history["loss"]))
model.save("model.keras")
"""


def run(folder, mode, backup):
    command = [sys.executable, "-c", PROGRAM, mode, backup]
    return subprocess.run(
        command, cwd=folder, capture_output=True, check=False, timeout=600
    ).returncode


@pytest.mark.slow
def test_killed_training_goes_on_from_its_last_epoch_and_ends_alike(tmp_path):
    images = noisy_images(64)[..., np.newaxis]
    np.save(tmp_path / "images.npy", images)
    assert run(tmp_path, "whole", "backup-whole") == 0
    whole = keras.saving.load_model(tmp_path / "model.keras")
    (tmp_path / "model.keras").unlink()
    assert run(tmp_path, "killed", "backup") == -9
    assert not (tmp_path / "model.keras").exists()
    assert run(tmp_path, "resumed", "backup") == 0
    assert int(np.load(tmp_path / "epochs.npy")) == 4
    resumed = keras.saving.load_model(tmp_path / "model.keras")
    losses = [
        np.mean([one.evaluate(images, verbose=0, return_dict=True)["loss"] for _ in range(3)])
        for one in (whole, resumed)
    ]
    untrained = type(whole).from_config(whole.get_config())
    untrained.normalisation.set(images.mean(), images.std())
    untrained.compile()
    start = untrained.evaluate(images, verbose=0, return_dict=True)["loss"]
    assert abs(losses[0] - losses[1]) < 0.2 * (start - losses[0])
