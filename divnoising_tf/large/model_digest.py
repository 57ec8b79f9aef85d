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
    grids = [model.family.name, model.channels, *model.levels]
    digest.update(json.dumps([policy, grids], sort_keys=True, default=str).encode())
    weights = [one.numpy() for network in model.networks for one in network.weights]
    for values in (*weights, model.data_mean, model.data_standard_deviation):
        digest.update(np.asarray(values, np.float32).tobytes())
    return digest.hexdigest()[:16]
