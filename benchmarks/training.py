"""Patches per second in training, data in memory and from the input pipeline, depth 2."""

import time
from typing import Any

import keras
import numpy as np

import divnoising_tf as dn
from benchmarks import subjects
from benchmarks.images import images
from benchmarks.reference_process import ReferenceProcess
from benchmarks.rounds import Work, compared, rates


def rows(quick: bool) -> list[dict[str, Any]]:
    """Return the rows of the table."""
    batch, size, steps, rounds = (4, 32, 2, 1) if quick else (32, 128, 4, 5)
    patches = images(batch, size)
    works: dict[str, Work] = {}
    for dtype in ("float32", "mixed_bfloat16"):
        works[dtype] = _on_batches(dtype, patches, steps)
        works[f"{dtype}, input pipeline included"] = _Fit(dtype, batch, size, steps)
    with ReferenceProcess(2, batch, size) as reference:
        works = {"reference": lambda: reference.train(1), **works}
        measured = rates(works, rounds)
    for name, work in works.items():
        if isinstance(work, _Fit):
            # what it takes to begin an epoch is not a step
            measured[name] = work.rates[1:]
    operations = subjects.training_operations(2, size**2)
    return [
        {"work": f"training, batch {batch} × {size}², depth 2", **row, "GFLOP each": operations}
        for row in compared(measured, "reference")
    ]


def _compiled(dtype: str) -> dn.DivNoising:
    model = subjects.model(2, dtype)
    model.compile(optimizer=keras.optimizers.Adam(1e-3))
    return model


def _on_batches(dtype: str, patches: np.ndarray, steps: int) -> Work:
    model = _compiled(dtype)

    def work() -> int:
        for _ in range(steps):
            model.train_on_batch(patches[..., np.newaxis])
        return steps * len(patches)

    return work


class _Fit(keras.callbacks.Callback):
    """Trains by `fit` on `dn.data.patches`; keeps the rate of all steps after an epoch's first."""

    def __init__(self, dtype: str, batch: int, size: int, steps: int):
        super().__init__()
        self._trained = _compiled(dtype)
        self._patches = batch * steps
        self._dataset, _ = dn.data.patches(
            images(8, 4 * size),
            size,
            batch,
            validation_fraction=0,
            steps_per_epoch=steps + 1,
        )
        self.rates: list[float] = []

    def __call__(self) -> int:
        self._trained.fit(self._dataset, verbose=0, callbacks=[self])
        return self._patches

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Start the clock after the first step."""
        if batch == 0:
            self._begin = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Stop it."""
        self.rates.append(self._patches / (time.perf_counter() - self._begin))
