"""Noise models p(x|s): what the camera does to a clean signal, in the image's own counts."""

from divnoising_tf.noise_models.base import NoiseModel
from divnoising_tf.noise_models.calibration import (
    CalibrationPairs,
    pairs_from_images,
    pairs_from_repeats,
)
from divnoising_tf.noise_models.channelwise import ChannelwiseNoiseModel
from divnoising_tf.noise_models.gaussian import GaussianNoiseModel
from divnoising_tf.noise_models.histogram import HistogramNoiseModel
from divnoising_tf.noise_models.mixture import GaussianMixtureNoiseModel
from divnoising_tf.noise_models.poisson_gaussian import PoissonGaussianNoiseModel

__all__ = [
    "CalibrationPairs",
    "ChannelwiseNoiseModel",
    "GaussianMixtureNoiseModel",
    "GaussianNoiseModel",
    "HistogramNoiseModel",
    "NoiseModel",
    "PoissonGaussianNoiseModel",
    "pairs_from_images",
    "pairs_from_repeats",
]
