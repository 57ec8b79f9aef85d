"""Small models and images that the tests of packages share."""

import keras
import numpy as np

from divnoising_tf.models.divnoising.model import DivNoising
from divnoising_tf.noise_models import GaussianNoiseModel

METADATA = {
    "name": "DivNoising test model",
    "description": "Tests the packaging.",
    "authors": [{"name": "Ada Lovelace", "affiliation": "Analytical Engine"}],
    "license": "CC-BY-4.0",
}


def small_model(channels=1):
    keras.utils.set_random_seed(3)
    return DivNoising(
        GaussianNoiseModel(5.0),
        latent_channels=6,
        base_channels=8,
        channels=channels,
        data_mean=100.0,
        data_standard_deviation=20.0,
    )


def noisy(*shape):
    return np.random.default_rng(0).normal(100, 20, shape).round().clip(0).astype(np.uint16)
