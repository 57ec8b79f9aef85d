"""The machine that measured: its cores, number format and speed, kept beside every result."""

import os
import platform
import time
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any


def machine() -> dict[str, Any]:
    """Describe processor and versions, so that figures can be read later."""
    from divnoising_tf.models.precision import chosen_precision

    return {
        "processor": _processor(),
        "cores": cores(),
        "precision": chosen_precision(),
        **{
            f"{name} matrix product, GFLOP/s": _matrix_product_rate(name)
            for name in ("float32", "bfloat16")
        },
        "load at the start": os.getloadavg()[0],
        "versions": {name: version(name) for name in ("tensorflow", "keras", "numpy")},
    }


def cores() -> int:
    """Return how many cores this process may use; `taskset` gives it fewer than there are."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS and Windows
        return os.cpu_count() or 1


def machine_words(machine: Mapping[str, Any]) -> str:
    """Return processor, cores, rates and versions of a machine, as tables say them.

    Args:
        machine: as `machine` described it.

    Example:
        >>> versions = {"tensorflow": "2.21.0"}
        >>> machine_words({"processor": "AMD EPYC", "cores": 1, "versions": versions})
        'AMD EPYC, 1 core, tensorflow 2.21.0'
    """
    return ", ".join(
        [
            machine["processor"],
            "1 core" if machine["cores"] == 1 else f"{machine['cores']} cores",
            *(f"{name}: {rate}" for name, rate in matrix_product_rates(machine).items()),
            *(f"{name} {number}" for name, number in machine["versions"].items()),
        ]
    )


def matrix_product_rates(machine: Mapping[str, Any]) -> dict[str, int]:
    """Return the rates of matrix products by their names, in GFLOP/s.

    Args:
        machine: as `machine` described it.
    """
    return {name: value for name, value in machine.items() if "GFLOP" in name}


def training_pace(machine: Mapping[str, Any]) -> tuple[int | None, str]:
    """Return cores and number format of a machine: where they differ, so do the steps of a minute.

    Args:
        machine: as `machine` described it; early records have the rates of both formats alone.

    Example:
        >>> rates = {"float32": 53, "bfloat16": 99}
        >>> rates = {f"{name} matrix product, GFLOP/s": rate for name, rate in rates.items()}
        >>> training_pace({"cores": 1, **rates})
        (1, 'mixed_bfloat16')
    """
    single, half = (
        machine.get(f"{name} matrix product, GFLOP/s", 0) for name in ("float32", "bfloat16")
    )
    by_rates = "mixed_bfloat16" if half > 1.3 * single else "float32"
    return machine.get("cores"), machine.get("precision", by_rates)


def _matrix_product_rate(dtype: str, size: int = 2048) -> int:
    # takes seconds to import, and those who only read records do without
    import tensorflow as tf

    matrix = tf.cast(tf.random.normal((size, size)), dtype)
    rates = []
    for _ in range(5):
        begin = time.perf_counter()
        tf.linalg.matmul(matrix, matrix).numpy()
        rates.append(2 * size**3 / (time.perf_counter() - begin) / 1e9)
    return round(max(rates))


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor()
