"""A short text that is the same for two models if and only if they draw the same samples."""

import hashlib
import json
from typing import Any

import keras
import numpy as np


def model_digest(model: Any) -> str:
    """Return a digest of everything in a model that its samples depend on.

    Args:
        model: a trained `DivNoising`.

    Returns:
        Hexadecimal digits.
    """
    digest = hashlib.sha256()
    policy = keras.saving.serialize_keras_object(model.dtype_policy)
    sizes = [model.depth, model.latent_channels, model.base_channels, model.channels]
    digest.update(json.dumps([policy, sizes], sort_keys=True, default=str).encode())
    weights = [one.numpy() for one in (*model.encoder.weights, *model.decoder.weights)]
    for values in (*weights, model.data_mean, model.data_standard_deviation, model.bounds):
        digest.update(np.asarray(values, np.float32).tobytes())
    return digest.hexdigest()[:16]
