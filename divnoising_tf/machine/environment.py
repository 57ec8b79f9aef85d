"""What TensorFlow and Keras find when they are imported: the backend, and oneDNN."""

import os
import platform
import sys

from divnoising_tf.errors import InputError

_BACKEND = "KERAS_BACKEND"
_ONEDNN = "TF_ENABLE_ONEDNN_OPTS"
_ONEDNN_MACHINES = {"x86_64", "amd64"}


def choose_tensorflow() -> None:
    """Take TensorFlow, in a process of our own, whatever the user's own settings name.

    To be called before Keras is imported, which reads this.
    """
    os.environ[_BACKEND] = "tensorflow"


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


def prefer_onednn() -> None:
    """Let oneDNN compute convolutions, unless the user has decided or TensorFlow is there already.

    TensorFlow reads its switch while it is imported. By itself it takes oneDNN only on processors
    with AVX-512; docs/speed.md has what that costs the others.
    """
    if "tensorflow" not in sys.modules and platform.machine().lower() in _ONEDNN_MACHINES:
        os.environ.setdefault(_ONEDNN, "1")


def _other_backend(received: str) -> InputError:
    return InputError(
        "divnoising_tf needs Keras with the backend TensorFlow.",
        received,
        f"Say {_BACKEND}=tensorflow, or in Python os.environ['{_BACKEND}'] = 'tensorflow' before "
        "keras is imported.",
    )
