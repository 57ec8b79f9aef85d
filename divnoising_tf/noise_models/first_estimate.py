"""A first estimate of the noise from the noisy images alone, to be learned on with them."""

from collections.abc import Sequence

import numpy as np

from divnoising_tf.noise_models.base import NoiseModel
from divnoising_tf.noise_models.channelwise import ChannelwiseNoiseModel
from divnoising_tf.noise_models.mixture import GaussianMixtureNoiseModel

_PLANES_LOOKED_AT = 20


def estimated_noise_model(stacks: Sequence[np.ndarray]) -> NoiseModel:
    """Return a first estimate of the noise of every channel, to be learned with the images.

    Args:
        stacks: noisy images (n, y, x, channel), counts; those of the first one's size count.

    Returns:
        A trainable mixture, or one for each channel.

    Example:
        >>> noisy = np.random.default_rng(0).normal(100, 10, (2, 64, 64, 1))
        >>> estimated_noise_model([noisy]).trainable
        True
    """
    alike = [plane for stack in stacks for plane in stack if plane.shape == stacks[0].shape[1:]]
    # evenly spread over all of them: enough for a first estimate
    planes = np.stack(alike[:: -(-len(alike) // _PLANES_LOOKED_AT)])
    models = [
        GaussianMixtureNoiseModel.from_image(planes[..., channel], trainable=True)
        for channel in range(planes.shape[-1])
    ]
    return models[0] if len(models) == 1 else ChannelwiseNoiseModel(models)
