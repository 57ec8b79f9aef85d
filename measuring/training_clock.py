"""Trainings of so many minutes: the clock that ends them."""

import json
import time
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from measuring.machine import cores


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
