"""What the experiments share: data folder, machine, training clock, results as JSON."""

import json
import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from divnoising_tf._files import atomic_path
from divnoising_tf.precision import chosen_precision

RESULTS = Path(__file__).parent / "results"


def data_folder() -> Path:
    """Return the folder of real images, or say how to name it."""
    default = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(os.environ.get("DIVNOISING_DATA", default))
    if not folder.is_dir():
        raise SystemExit(f"No images in {folder}: set DIVNOISING_DATA to their folder.")
    return folder


def command_of(module: str, words: Sequence[str]) -> str:
    """Return a command as others can give it: files by name, where they lie is left out.

    Example:
        >>> command_of("experiments.w2s", ["--channel", "2", "--save", "/home/me/model.keras"])
        'python -m experiments.w2s --channel 2 --save model.keras'
    """
    return " ".join([f"python -m {module}", *(Path(word).name for word in words)])


def core_words(machine: Mapping[str, Any]) -> str:
    """Return how many cores a machine gave, in words.

    Example:
        >>> core_words({"cores": 1}), core_words({"cores": 2})
        ('1 core', '2 cores')
    """
    return "1 core" if machine["cores"] == 1 else f"{machine['cores']} cores"


def cores() -> int:
    """Return how many cores this process may use; `taskset` gives it fewer than there are."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1


def machine() -> dict[str, Any]:
    """Describe processor and versions, so that figures can be read later."""
    rates = {}
    for dtype in (tf.float32, tf.bfloat16):
        rates[f"{dtype.name} matrix product, GFLOP/s"] = _matrix_product_rate(dtype)
    return {
        "processor": _processor(),
        "cores": cores(),
        "precision": chosen_precision(),
        **rates,
        "load at the start": os.getloadavg()[0],
        "versions": {name: version(name) for name in ("tensorflow", "keras", "numpy")},
    }


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


class TrainingClock(keras.callbacks.Callback):
    """Counts the time of training alone, measures at marks, and stops at the last one.

    The budget is the time on the wall: run nothing else on the machine. The processor time beside
    it tells how many cores the training had. A process that is bound to one core counts its
    processor time instead, which is the same but for the time that others took from the core. The
    first step, which builds the graph, is not counted.

    Args:
        marks: minutes, rising.
        measure: called at every mark with what is known of the training; may add to it.
        most_steps: ends the training early, to try a recipe.
    """

    def __init__(
        self,
        marks: Sequence[float],
        measure: Callable[[dict[str, Any]], None],
        most_steps: int | None = None,
    ):
        super().__init__()
        self._marks = list(marks)
        self._measure = measure
        self._most_steps = most_steps
        self._steps = 0
        self._core_seconds = self._seconds = 0.0
        self._time = time.process_time if cores() == 1 else time.perf_counter

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Start both clocks."""
        self._begin = time.process_time(), self._time()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Stop both clocks, and measure at a mark."""
        self._steps += 1
        if self._steps == self._most_steps:
            self.model.stop_training = True
        if self._steps == 1:
            return
        self._core_seconds += time.process_time() - self._begin[0]
        self._seconds += self._time() - self._begin[1]
        if self._seconds / 60 >= self._marks[0]:
            self._at_mark(self._marks.pop(0), logs or {})
            if not self._marks:
                self.model.stop_training = True

    def on_train_end(self, logs: Any = None) -> None:
        """Measure a training that ended before its time: by steps, or because it gave up."""
        if self._marks:
            self._marks.clear()
            self._at_mark(round(self._seconds / 60, 3), logs or {})

    def _at_mark(self, mark: float, logs: dict[str, Any]) -> None:
        row: dict[str, Any] = {
            "minutes": mark,
            "core minutes": round(self._core_seconds / 60, 2),
            "steps": self._steps,
            "KL, nats per pixel": round(float(logs.get("kl", np.nan)), 4),
            "active channels": int(logs.get("active_channels", 0)),
            "weight of the KL divergence": round(float(logs.get("beta_weight", np.nan)), 3),
        }
        self._measure(row)
        print(json.dumps(row), flush=True)


class AveragedWeights:
    """Within the block the model has the optimiser's running average of the weights."""

    def __init__(self, model: keras.Model):
        self._model = model

    def __enter__(self) -> None:
        self._kept = [variable.numpy() for variable in self._model.trainable_variables]
        self._model.optimizer.finalize_variable_values(self._model.trainable_variables)

    def __exit__(self, *_: object) -> None:
        for variable, value in zip(self._model.trainable_variables, self._kept, strict=True):
            variable.assign(value)


def write_results(name: str, results: dict[str, Any]) -> None:
    """Write results/NAME.json, replacing an earlier one."""
    with atomic_path(RESULTS / f"{name}.json", overwrite=True) as temporary:
        temporary.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(f"wrote results/{name}.json")


def _matrix_product_rate(dtype: tf.DType, size: int = 2048) -> int:
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
