"""Configurations of models, as `get_config` gives them and `from_config` takes them."""

from typing import Any

import keras


def deserialised(config: dict[str, Any], *keys: str) -> dict[str, Any]:
    """Return a copy of a configuration in which some values are objects again.

    Args:
        config: of `get_config`.
        *keys: of the values that `keras.saving.serialize_keras_object` wrote.

    Example:
        >>> policy = keras.saving.serialize_keras_object(keras.DTypePolicy("mixed_bfloat16"))
        >>> deserialised({"depth": 2, "dtype": policy}, "dtype")["dtype"].compute_dtype
        'bfloat16'
    """
    objects = {key: keras.saving.deserialize_keras_object(config[key]) for key in keys}
    return {**config, **objects}
