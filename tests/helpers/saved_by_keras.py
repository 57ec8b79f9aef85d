"""Saves small models with the Keras that is imported, and reads what others have saved.

python saved_by_keras.py OWN [OTHER …] writes into the folder OWN and reads all folders. It prints
the version of Keras, the digests of what was saved, and those of what was read from each folder.
"""

import json
import sys
from pathlib import Path

import keras
import numpy as np
from helpers.images import noisy_images
from helpers.keras_files import digest

from divnoising_tf import (
    BlindSpotDenoiser,
    ChannelwiseNoiseModel,
    DivNoising,
    GaussianMixtureNoiseModel,
    GaussianNoiseModel,
    HistogramNoiseModel,
    PoissonGaussianNoiseModel,
)
from divnoising_tf.training.backup import TrainingBackup

_NOISE = {
    "mixture": lambda: GaussianMixtureNoiseModel((0, 300), n_components=2, trainable=True),
    "histogram": lambda: HistogramNoiseModel((0, 300), (-50, 350), np.ones((3, 4))),
    "channels": lambda: ChannelwiseNoiseModel(
        [GaussianNoiseModel(9.0, trainable=True), PoissonGaussianNoiseModel(2.0)]
    ),
}


def written(folder):
    """Save models with random weights, and the state of a training; return their digests."""
    folder.mkdir(parents=True, exist_ok=True)
    models = {name: _model(name) for name in _NOISE}
    models["blind_spot"] = BlindSpotDenoiser(depth=1, base_channels=1)
    models["blind_spot"].normalisation.set(100.0, 20.0)
    random = np.random.default_rng(0)
    for name, model in models.items():
        for variable in model.weights:
            variable.assign(variable + random.uniform(0.1, 0.2, variable.shape))
        model.save(folder / f"{name}.keras")
    trained = _compiled()
    images = noisy_images(2, 8)[..., np.newaxis]
    backup = TrainingBackup(folder / "training", monitor="loss")
    trained.fit(images, batch_size=1, epochs=1, verbose=0, callbacks=[backup])
    return {name: digest(model.weights) for name, model in models.items()} | _of_training(trained)


def read(folder):
    """Return the digests of what a version of Keras has saved."""
    paths = folder.glob("*.keras")
    digests = {path.stem: digest(keras.saving.load_model(path).weights) for path in paths}
    model, backup = _compiled(), TrainingBackup(folder / "training", monitor="loss")
    backup.set_model(model)
    backup.on_train_begin()
    return digests | _of_training(model)


def _model(noise):
    channels = 2 if noise == "channels" else 1
    sizes = {"latent_channels": 1, "base_channels": 1, "channels": channels}
    return DivNoising(_NOISE[noise](), data_mean=100.0, data_standard_deviation=20.0, **sizes)


def _compiled():
    model = _model("mixture")
    model.compile(optimizer=keras.optimizers.Adam(1e-3))
    return model


def _of_training(model):
    return {"training": digest(model.weights), "optimiser": digest(model.optimizer.variables)}


def main() -> None:
    own, *others = (Path(argument) for argument in sys.argv[1:])
    saved = written(own)
    found = {str(folder): read(folder) for folder in (own, *others)}
    sys.stdout.write(json.dumps([keras.__version__, saved, found]) + "\n")


if __name__ == "__main__":
    main()
