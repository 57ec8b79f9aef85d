"""Unsupervised diversity denoising of microscopy images (DivNoising) for Keras 3."""

import sys
from typing import TYPE_CHECKING

from divnoising_tf._backend import choose_tensorflow, require_tensorflow
from divnoising_tf._onednn import prefer_onednn
from divnoising_tf._version import __version__
from divnoising_tf.errors import InputError

# before TensorFlow is imported
prefer_onednn()

# The command line answers --help before TensorFlow, which takes seconds to import. Everywhere else
# all of it is imported at once: Keras loads models whose classes have been registered.
if TYPE_CHECKING or "divnoising_tf_command" not in sys.modules:
    require_tensorflow()
    from divnoising_tf import data, evaluation, metrics, zoo
    from divnoising_tf.blind_spot import BlindSpotDenoiser, fit_blind_spot
    from divnoising_tf.bootstrapping import Bootstrap, bootstrap
    from divnoising_tf.callbacks import KLAnnealing, PosteriorCollapse
    from divnoising_tf.image_grid import ImageGrid
    from divnoising_tf.large import denoise_large
    from divnoising_tf.model import DivNoising
    from divnoising_tf.noise_models import (
        ChannelwiseNoiseModel,
        GaussianMixtureNoiseModel,
        GaussianNoiseModel,
        HistogramNoiseModel,
        NoiseModel,
        PoissonGaussianNoiseModel,
        pairs_from_images,
        pairs_from_repeats,
    )
    from divnoising_tf.posterior import AugmentedPosterior, Clusters, Moments, Posterior
else:
    choose_tensorflow()

__all__ = [
    "AugmentedPosterior",
    "BlindSpotDenoiser",
    "Bootstrap",
    "ChannelwiseNoiseModel",
    "Clusters",
    "DivNoising",
    "GaussianMixtureNoiseModel",
    "GaussianNoiseModel",
    "HistogramNoiseModel",
    "ImageGrid",
    "InputError",
    "KLAnnealing",
    "Moments",
    "NoiseModel",
    "PoissonGaussianNoiseModel",
    "Posterior",
    "PosteriorCollapse",
    "__version__",
    "bootstrap",
    "data",
    "denoise_large",
    "evaluation",
    "fit_blind_spot",
    "metrics",
    "pairs_from_images",
    "pairs_from_repeats",
    "zoo",
]
