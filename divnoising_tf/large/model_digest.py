"""A short text that is the same for two models if and only if they draw the same samples."""

import json

import keras

from divnoising_tf.models.base import VariationalDenoiser
from divnoising_tf.models.saved_weights import weights_digest


def model_digest(model: VariationalDenoiser) -> str:
    """Return a digest of everything in a model that its samples depend on.

    Args:
        model: that has been trained.

    Returns:
        Hexadecimal digits.
    """
    policy = keras.saving.serialize_keras_object(model.dtype_policy)
    about = json.dumps([policy, model.family.name, model.channels, *model.levels], default=str)
    networks = [weight for network in model.networks for weight in network.weights]
    weights = (*networks, model.data_mean, model.data_standard_deviation, model.bounds)
    return weights_digest(weights, about).hexdigest()[:16]
