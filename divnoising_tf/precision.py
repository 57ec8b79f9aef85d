"""In which number format to compute: bfloat16 pays only where the processor has it."""

from pathlib import Path

import tensorflow as tf

from divnoising_tf.errors import InputError

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


def _has_bfloat16() -> bool:
    devices = tf.config.list_physical_devices("GPU")
    if devices:
        details = [tf.config.experimental.get_device_details(device) for device in devices]
        capabilities = [one.get("compute_capability", (0, 0)) for one in details]
        return min(capabilities) >= _FIRST_GPU_WITH_BFLOAT16
    return any(flag in _processor_flags() for flag in _PROCESSOR_FLAGS)


def _processor_flags() -> set[str]:
    """Return what the processor can do, as Linux lists it; nothing elsewhere."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return set()
    return {flag for line in lines if line.startswith("flags") for flag in line.split()}
