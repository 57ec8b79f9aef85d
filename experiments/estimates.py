"""What DivNoising makes of the test images of a task: MMSE, MAP, calibration of uncertainty."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

import divnoising_tf as dn
from divnoising_tf.evaluation import Calibration, calibration
from experiments.recipe import Sampling
from experiments.task import Task

# central intervals whose coverage is told
_LEVELS = (0.5, 0.8, 0.95)
CURVE_LEVELS = tuple(number / 20 for number in range(1, 20))


class Estimates(NamedTuple):
    """What DivNoising made of the test images.

    Attributes:
        mmse: one image (y, x) per test image, counts.
        samples: that each took.
        mode: the MAP of the first images or of their corners, see `Sampling`.
        calibration: of the uncertainty, see `calibration_of`.
        curves: of it, see `curves_of`.
    """

    mmse: list[np.ndarray]
    samples: list[int]
    mode: list[np.ndarray]
    calibration: dict[str, float]
    curves: dict[str, list[float]]


def estimated(model: dn.DivNoising, task: Task, sampling: Sampling, seed: int) -> Estimates:
    """Make the estimates of all test images.

    Args:
        model: trained.
        task: with the test images.
        sampling: how many samples.
        seed: of the samples.
    """
    mmse, samples = [], []
    for image in task.test:
        moments = model.posterior(image, seed=seed).moments(
            sampling.samples, tolerance=sampling.tolerance, antithetic=True
        )
        mmse.append(moments.mean)
        samples.append(moments.samples)
    mode = [
        model.posterior(image, seed=seed).mode(sampling.mode_samples)
        for image in mode_parts(task.test, sampling)
    ]
    measured = [
        calibration(model.posterior(image, seed=seed), truth, n=sampling.calibration_samples)
        for image, truth in zip(task.test, task.test_signal, strict=True)
    ]
    return Estimates(mmse, samples, mode, calibration_of(measured), curves_of(measured))


def mode_parts(images: list[np.ndarray], sampling: Sampling) -> Iterator[np.ndarray]:
    """Yield the images, or their corners, of which the MAP is made."""
    corner = slice(0, sampling.mode_size)
    yield from (image[corner, corner] for image in images[: sampling.mode_images])


def calibration_of(measured: Sequence[Calibration]) -> dict[str, float]:
    """Return how often the truth is in the intervals of the samples, means over the images.

    Returns:
        Coverage of the central intervals, expected calibration error, error of the mean over the
        predicted error.
    """
    figures = {
        f"coverage of the central {100 * level:.0f} %": [one.coverage_of(level) for one in measured]
        for level in _LEVELS
    }
    figures["expected calibration error"] = [one.expected_calibration_error for one in measured]
    figures["error / predicted error"] = [one.error_ratio for one in measured]
    return {name: round(float(np.mean(values)), 4) for name, values in figures.items()}


def curves_of(measured: Sequence[Calibration]) -> dict[str, list[float]]:
    """Return the curves of the calibration over the images.

    Returns:
        "coverage" of the central 5 %, 10 %, ... 95 %; "predicted" and true "error" of the mean in
        bins from the surest pixels to the least sure, root mean squares, counts.
    """
    coverage = [[one.coverage_of(level) for level in CURVE_LEVELS] for one in measured]
    predicted, error = (
        np.sqrt(np.mean([getattr(one, name) ** 2 for one in measured], axis=0))
        for name in ("predicted", "error")
    )
    curves = {
        "coverage": np.mean(coverage, axis=0),
        "predicted": predicted,
        "error": error,
    }
    return {name: [round(float(value), 4) for value in curve] for name, curve in curves.items()}
