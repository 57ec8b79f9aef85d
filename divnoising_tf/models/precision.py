"""In which number format to compute: bfloat16 pays only where the processor has it."""

from pathlib import Path

import keras
import tensorflow as tf

from divnoising_tf.errors import InputError
from divnoising_tf.models.base import VariationalDenoiser

PRECISIONS = ("auto", "float32", "mixed_bfloat16")
_PROCESSOR_FLAGS = ("avx512_bf16", "amx_bf16")
_FIRST_GPU_WITH_BFLOAT16 = (8, 0)  # compute capability


def chosen_precision(precision: str = "auto") -> str:
    """Return the Keras dtype policy to build a model with.

    Args:
        precision: "float32", "mixed_bfloat16", or "auto" for the latter where the GPU, or
            without a GPU the processor, computes in bfloat16.

    Returns:
        "float32" or "mixed_bfloat16".

    Raises:
        InputError: another word.

    Example:
        >>> chosen_precision("float32")
        'float32'
    """
    if precision not in PRECISIONS:
        raise InputError(
            "This precision is not known.", repr(precision), f"Use one of {', '.join(PRECISIONS)}."
        )
    if precision != "auto":
        return precision
    return "mixed_bfloat16" if _has_bfloat16() else "float32"


def with_precision(model: VariationalDenoiser, precision: str = "auto") -> VariationalDenoiser:
    """Return a model that computes in the given precision: the model itself, or a copy.

    A model keeps the number format that it was trained in, wherever it is loaded.

    Args:
        model: of any family.
        precision: as for `chosen_precision`.

    Raises:
        InputError: another word.

    Example:
        >>> from divnoising_tf import DivNoising, GaussianNoiseModel
        >>> model = DivNoising(GaussianNoiseModel(5.0), data_mean=0, data_standard_deviation=1)
        >>> with_precision(model, "mixed_bfloat16").dtype_policy.name, model.dtype_policy.name
        ('mixed_bfloat16', 'float32')
    """
    wanted = chosen_precision(precision)
    if model.dtype_policy.name == wanted:
        return model
    policy = keras.saving.serialize_keras_object(keras.DTypePolicy(wanted))
    copy: VariationalDenoiser = type(model).from_config({**model.get_config(), "dtype": policy})
    copy.set_weights(model.get_weights())
    return copy


def without_slow_bfloat16(model: VariationalDenoiser) -> VariationalDenoiser:
    """Return the model; a copy in float32 if it is in bfloat16 and this machine is slow in it.

    A model that was trained where bfloat16 is fast may denoise anywhere.

    Args:
        model: of any family.

    Example:
        >>> from divnoising_tf import DivNoising, GaussianNoiseModel
        >>> model = DivNoising(GaussianNoiseModel(5.0), data_mean=0, data_standard_deviation=1)
        >>> without_slow_bfloat16(model) is model
        True
    """
    if model.dtype_policy.name == "mixed_bfloat16" and not _has_bfloat16():
        return with_precision(model, "float32")
    return model


def described_precision(precision: str) -> str:
    """Return a dtype policy in words.

    Example:
        >>> described_precision("mixed_bfloat16")
        'bfloat16 (likelihood, KL divergence and the last layer in float32)'
    """
    if precision == "mixed_bfloat16":
        return "bfloat16 (likelihood, KL divergence and the last layer in float32)"
    return precision


def _has_bfloat16() -> bool:
    devices = tf.config.list_physical_devices("GPU")
    if devices:
        details = [tf.config.experimental.get_device_details(device) for device in devices]
        capabilities = [one.get("compute_capability", (0, 0)) for one in details]
        return bool(min(capabilities) >= _FIRST_GPU_WITH_BFLOAT16)
    return any(flag in _processor_flags() for flag in _PROCESSOR_FLAGS)


def _processor_flags() -> set[str]:
    """Return what the processor can do, as Linux lists it; nothing elsewhere."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return set()
    return {flag for line in lines if line.startswith("flags") for flag in line.split()}
