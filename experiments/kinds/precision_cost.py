"""What bfloat16 costs: PSNR of the MMSE of one model sampled in bfloat16 and in float32.

Same weights, same samples but for rounding; the goal is at most 0.02 dB.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

import divnoising_tf as dn
from divnoising_tf.metrics import psnr_affine
from divnoising_tf.models.precision import with_precision
from experiments.divnoising import model_of_settings

_GOAL = 0.02
_PRECISIONS = ("float32", "mixed_bfloat16")
_DEFAULTS: dict[str, Any] = {
    "name": "precision_cost",
    "task": "w2s",
    "options": {},
    "samples": 50,
    "network": {},
    "training": {},
}


def run(settings: Mapping[str, Any], minutes: float, seed: int) -> dict[str, Any]:
    """Train a model, and compare both number formats on all test images.

    Args:
        settings: what differs from `_DEFAULTS`.
        minutes: of training.
        seed: of the training.
    """
    settings = {**_DEFAULTS, **settings}
    task, trained, facts = model_of_settings(
        settings["task"], settings["options"], settings, minutes, seed, settings.get("models")
    )
    models = {one: with_precision(trained, one) for one in _PRECISIONS}
    rows = []
    for number, (noisy, truth) in enumerate(zip(task.test, task.test_signal, strict=True), 1):
        rows.append({"image": number, **_compared(models, noisy, truth, settings["samples"])})
        print(rows[-1], flush=True)
    costs = [row["cost, dB"] for row in rows]
    return {
        "training": facts,
        "samples": settings["samples"],
        "mean cost, dB": round(float(np.mean(costs)), 4),
        "largest cost, dB": max(costs),
        "goal, dB": _GOAL,
        "rows": rows,
    }


def _compared(
    models: Mapping[str, dn.DivNoising], noisy: np.ndarray, truth: np.ndarray, samples: int
) -> dict[str, float]:
    """Return the PSNR in dB of an image in both number formats, and the difference."""
    psnr = {
        name: psnr_affine(truth, model.posterior(noisy, seed=0).moments(samples).mean)
        for name, model in models.items()
    }
    rounded = {name: round(float(value), 4) for name, value in psnr.items()}
    return {**rounded, "cost, dB": round(float(psnr["float32"] - psnr["mixed_bfloat16"]), 4)}
