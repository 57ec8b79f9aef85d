"""Models with random weights, biases and latent variances, so that borders matter."""

import keras
import numpy as np

from divnoising_tf import DivNoising, GaussianMixtureNoiseModel, GaussianNoiseModel

MEAN, STANDARD_DEVIATION = 100.0, 20.0


def random_model(depth=2, channels=1, noise="Gaussian", dtype="float32", seed=0):
    # Keras draws initial weights from its own generator: TensorFlow's seed does not reach it
    keras.utils.set_random_seed(seed)
    models = {"Gaussian": GaussianNoiseModel(5.0), "GMM": GaussianMixtureNoiseModel((0.0, 300.0))}
    model = DivNoising(
        models[noise],
        depth=depth,
        latent_channels=6,
        base_channels=8,
        channels=channels,
        dtype=dtype,
        data_mean=MEAN,
        data_standard_deviation=STANDARD_DEVIATION,
    )
    rng = np.random.default_rng(seed)
    for variable in (*model.encoder.weights, *model.decoder.weights):
        if "bias" in variable.name:
            variable.assign(rng.normal(0, 0.3, variable.shape))
        elif not np.any(variable):
            variable.assign(rng.normal(0, 0.05, variable.shape))
    return model
