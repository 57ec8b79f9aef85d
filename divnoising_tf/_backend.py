"""Keras must compute with TensorFlow, whatever backend the user's own settings name."""

import os

from divnoising_tf.errors import InputError

_SWITCH = "KERAS_BACKEND"


def choose_tensorflow() -> None:
    """Take TensorFlow, in a process of our own; before Keras is imported, which reads this."""
    os.environ[_SWITCH] = "tensorflow"


def require_tensorflow() -> None:
    """Refuse to be imported where Keras computes with something else.

    Raises:
        InputError: JAX, PyTorch or another backend is chosen.
    """
    try:
        import keras
    except (ImportError, ValueError) as error:
        if getattr(error, "name", None) in ("keras", "tensorflow"):
            raise
        raise _other_backend(f"{error}") from error
    if keras.config.backend() != "tensorflow":
        raise _other_backend(f"the backend {keras.config.backend()}")


def _other_backend(received: str) -> InputError:
    return InputError(
        "divnoising_tf needs Keras with the backend TensorFlow.",
        received,
        f"Say {_SWITCH}=tensorflow, or in Python os.environ['{_SWITCH}'] = 'tensorflow' before "
        "keras is imported.",
    )
