"""A short text that is the same for two models if and only if they draw the same samples."""

import json
from typing import Any

import keras

from divnoising_tf.saved_weights import weights_digest


def model_digest(model: Any) -> str:
    """Return a digest of everything in a model that its samples depend on.

    Args:
        model: a trained `DivNoising`.

    Returns:
        Hexadecimal digits.
    """
    policy = keras.saving.serialize_keras_object(model.dtype_policy)
    sizes = [model.depth, model.latent_channels, model.base_channels, model.channels]
    networks = (*model.encoder.weights, *model.decoder.weights)
    weights = (*networks, model.data_mean, model.data_standard_deviation)
    about = json.dumps([policy, sizes], sort_keys=True, default=str)
    return weights_digest(weights, about).hexdigest()[:16]
