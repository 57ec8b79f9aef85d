"""Unsupervised diversity denoising of microscopy images (DivNoising) for Keras 3."""

import importlib
import sys
from typing import TYPE_CHECKING, Any

from divnoising_tf._version import __version__
from divnoising_tf.errors import InputError
from divnoising_tf.machine.environment import (
    choose_tensorflow,
    prefer_onednn,
    require_tensorflow,
)

# before TensorFlow is imported
prefer_onednn()

# The command line answers --help before TensorFlow, which takes seconds to import. Everywhere else
# all of it is imported at once: Keras loads models whose classes have been registered.
if TYPE_CHECKING or "divnoising_tf_command" not in sys.modules:
    require_tensorflow()
    from divnoising_tf import data, evaluation, metrics, zoo
    from divnoising_tf.blind_spot import BlindSpotDenoiser, fit_blind_spot
    from divnoising_tf.blind_spot.bootstrapping import Bootstrap, bootstrap
    from divnoising_tf.large import denoise_large
    from divnoising_tf.models.divnoising.model import DivNoising
    from divnoising_tf.models.hierarchical.model import HierarchicalDivNoising
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
    from divnoising_tf.training.annealing import KLAnnealing
    from divnoising_tf.training.collapse import PosteriorCollapse
    from divnoising_tf.training.image_grid import ImageGrid
else:
    choose_tensorflow()

if TYPE_CHECKING:
    from divnoising_tf.models.model_file import load_model
    from divnoising_tf.training.train import train

_AT_FIRST_USE = {
    "load_model": "divnoising_tf.models.model_file",
    "train": "divnoising_tf.training.train",
}


def __getattr__(name: str) -> Any:
    """Import what needs libraries that loading and sampling a model do not."""
    if name in _AT_FIRST_USE:
        return getattr(importlib.import_module(_AT_FIRST_USE[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "AugmentedPosterior",
    "BlindSpotDenoiser",
    "Bootstrap",
    "ChannelwiseNoiseModel",
    "Clusters",
    "DivNoising",
    "GaussianMixtureNoiseModel",
    "GaussianNoiseModel",
    "HierarchicalDivNoising",
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
    "load_model",
    "metrics",
    "pairs_from_images",
    "pairs_from_repeats",
    "train",
    "zoo",
]
