"""Table 1 of the paper: PSNR of all methods on all data sets, trained for the same time."""

import dataclasses
import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from divnoising_tf.errors import InputError
from divnoising_tf.plotting import save_figure
from experiments.divnoising import kept_or_trained
from experiments.estimates import Estimates, estimated, mode_parts
from experiments.figures.table1 import calibration_figure, psnr_figure
from experiments.psnr import Measure, measure_of
from experiments.psnr_table import COLUMNS, MAP, MMSE, NOISY, table
from experiments.recipe import Row
from experiments.task import Task
from experiments.tasks import load_task

__all__ = ["draw", "run", "table"]


def run(settings: dict[str, Any], minutes: float, seed: int) -> dict[str, Any]:
    """Run one method on one row.

    Args:
        settings: "name" of the row, "method", "row" as a `Row`; "models", a folder.
        minutes: of training.
        seed: of the method.

    Returns:
        Mean PSNR of every column that the method fills, that of every image, and how it came
        about.
    """
    row, method = settings["row"], settings["method"]
    task = _task(row)
    measure = measure_of(row)
    if method == "noisy":
        return _scored({NOISY: task.test}, task.test_signal, measure)
    if method == "divnoising":
        return _of_divnoising(settings, task, measure, minutes, seed)
    denoise = importlib.import_module(f"experiments.baselines.{method}").denoise
    denoised = denoise(_with_truth(task) if method == "care" else task, minutes, seed)
    return {
        **_scored({COLUMNS[method]: denoised.images}, task.test_signal, measure),
        "steps": denoised.steps,
        "training minutes": round(denoised.training_minutes, 2),
        "settings": denoised.settings,
    }


def draw(results: list[dict[str, Any]], folder: Path) -> list[Path]:
    """Draw the PSNR of all methods, and the calibration of DivNoising's uncertainty.

    Of one data set the table says the PSNR, and it is not drawn.
    """
    name = results[0]["experiment"]
    figures = {}
    if len({one["title"] for one in results}) > 1:
        figures[folder / f"{name}.png"] = psnr_figure(results)
    calibrated = [one for one in results if "calibration curves" in one]
    if calibrated:
        figures[folder / f"{name}_calibration.png"] = calibration_figure(calibrated)
    for path, figure in figures.items():
        save_figure(figure, path, overwrite=True)
    return list(figures)


def _with_truth(task: Task) -> Task:
    """Return the task with the training images alone whose clean image is there."""
    if task.train_signal is None:
        raise InputError(
            "There are no clean images to train on.", task.name, "Leave care out of its methods."
        )
    return dataclasses.replace(task, train=task.train[: len(task.train_signal)])


def _of_divnoising(
    settings: dict[str, Any], task: Task, measure: Measure, minutes: float, seed: int
) -> dict[str, Any]:
    row: Row = settings["row"]
    model, training = kept_or_trained(
        task, row.network, row.training, minutes, seed, settings.get("models")
    )
    estimates = estimated(model, task, row.sampling, seed)
    result = _scored({MMSE: estimates.mmse}, task.test_signal, measure)
    result |= {
        "steps": training["steps"],
        "training minutes": training["minutes"],
        "training": training,
        "samples, mean over images": round(float(np.mean(estimates.samples)), 1),
        "calibration": estimates.calibration,
        "calibration curves": estimates.curves,
    }
    return _with_mode(result, estimates, task, row, measure)


def _with_mode(
    result: dict[str, Any], estimates: Estimates, task: Task, row: Row, measure: Measure
) -> dict[str, Any]:
    """Add the MAP; where it is of a part of the images, beside the MMSE of that part."""
    truth, mmse = (
        list(mode_parts(images, row.sampling)) for images in (task.test_signal, estimates.mmse)
    )
    of_part = _scored({MAP: estimates.mode, MMSE: mmse}, truth, measure)
    whole = row.sampling.mode_images is None and row.sampling.mode_size is None
    if whole:
        result["scores"][MAP] = of_part["scores"][MAP]
        result["PSNR by image"][MAP] = of_part["PSNR by image"][MAP]
    else:
        result["MAP of a part"] = of_part["scores"]
    return result


def _scored(
    images: dict[str, list[np.ndarray]], truth: Sequence[np.ndarray], measure: Measure
) -> dict[str, Any]:
    by_image = {
        name: [round(measure(one, image), 3) for one, image in zip(truth, some, strict=True)]
        for name, some in images.items()
    }
    scores = {name: round(float(np.mean(values)), 3) for name, values in by_image.items()}
    return {"scores": scores, "PSNR by image": by_image}


_loaded: dict[str, Task] = {}


def _task(row: Row) -> Task:
    """Load the images of a row, once for all methods that follow each other."""
    # the images do not depend on how long the methods are trained
    key = row.model_dump_json(exclude={"training": {"most_steps"}})
    if key not in _loaded:
        _loaded.clear()
        _loaded[key] = load_task(row.task, {**row.options, **row.training.patches})
    return dataclasses.replace(_loaded[key], most_steps=row.training.most_steps)
