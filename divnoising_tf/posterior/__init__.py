"""Everything that comes after training: samples of the posterior and what is made of them."""

from divnoising_tf.posterior.clusters import Clusters
from divnoising_tf.posterior.posterior import AugmentedPosterior, Posterior
from divnoising_tf.posterior.prior import generate_images
from divnoising_tf.posterior.running_moments import Moments, RunningMoments

__all__ = [
    "AugmentedPosterior",
    "Clusters",
    "Moments",
    "Posterior",
    "RunningMoments",
    "generate_images",
]
