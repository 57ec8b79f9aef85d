"""Unsupervised diversity denoising of microscopy images (DivNoising) for Keras 3."""

from divnoising_tf import data, metrics, zoo
from divnoising_tf._version import __version__
from divnoising_tf.callbacks import KLAnnealing, PosteriorCollapse
from divnoising_tf.errors import InputError
from divnoising_tf.image_grid import ImageGrid
from divnoising_tf.model import DivNoising
from divnoising_tf.noise_models import (
    GaussianMixtureNoiseModel,
    GaussianNoiseModel,
    NoiseModel,
)
from divnoising_tf.posterior import Moments, Posterior

__all__ = [
    "DivNoising",
    "GaussianMixtureNoiseModel",
    "GaussianNoiseModel",
    "ImageGrid",
    "InputError",
    "KLAnnealing",
    "Moments",
    "NoiseModel",
    "Posterior",
    "PosteriorCollapse",
    "__version__",
    "data",
    "metrics",
    "zoo",
]
