"""Noise models p(x|s): what the camera does to a clean signal, in the image's own counts."""

from divnoising_tf.noise_models.base import NoiseModel
from divnoising_tf.noise_models.gaussian import GaussianNoiseModel

__all__ = ["GaussianNoiseModel", "NoiseModel"]
