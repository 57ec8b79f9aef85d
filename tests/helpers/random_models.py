"""Models with random weights, biases and latent variances, so that borders matter."""

import keras
import numpy as np

from divnoising_tf import (
    DivNoising,
    GaussianMixtureNoiseModel,
    GaussianNoiseModel,
    HierarchicalDivNoising,
)

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
    _fill(model, seed)
    return model


def random_hierarchy(levels=3, channels=1, dtype="float32", seed=0):
    keras.utils.set_random_seed(seed)
    model = HierarchicalDivNoising(
        GaussianNoiseModel(5.0),
        levels=levels,
        level_channels=[8, 6, 10, 7][:levels],
        latent_channels=[2, 4, 3, 2][:levels],
        channels=channels,
        dtype=dtype,
        data_mean=MEAN,
        data_standard_deviation=STANDARD_DEVIATION,
    )
    _fill(model, seed)
    return model


def _fill(model, seed):
    """Give random values to all that is 0 at the beginning."""
    rng = np.random.default_rng(seed)
    for network in model.networks:
        for variable in network.weights:
            values = variable.numpy()
            if "bias" in variable.name:
                variable.assign(rng.normal(0, 0.3, variable.shape))
            elif np.any(values == 0):
                variable.assign(values + (values == 0) * rng.normal(0, 0.05, variable.shape))
