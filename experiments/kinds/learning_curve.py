"""What DivNoising has learned after some minutes: PSNR of the MMSE at marks of one training.

The training goes on after each mark with the weights that it had; measured are their running
averages.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

import divnoising_tf as dn
from experiments.baselines import METHODS
from experiments.divnoising import trained
from experiments.psnr import Measure, measure_of
from experiments.task import Task
from experiments.tasks import load_task
from measuring.machine import machine_words
from measuring.markdown import table_lines

_DEFAULTS: dict[str, Any] = {
    "marks": [],  # minutes before the last ones
    "images": None,  # places of the test images that every mark is measured on; None for all
    "all_images_from": None,  # minutes from which all test images are measured besides
    "samples": 50,  # of the MMSE
    "restarts": 0,  # of a collapsed posterior; 0: the curve shows the collapse
    "blind_spot": False,  # whether Noise2Void is trained too, for the same minutes
}
_REFERENCES = ("noisy image", "blind spot")
_CONDITIONS = ("precision", "learning rate", "batch")


def run(settings: Mapping[str, Any], minutes: float, seed: int) -> dict[str, Any]:
    """Train DivNoising on a row, and measure at the marks and at the end.

    Args:
        settings: "row" as a `Row`; what differs from `_DEFAULTS`.
        minutes: of training.
        seed: of the training.
    """
    settings, row = {**_DEFAULTS, **settings}, settings["row"]
    task = load_task(row.task, {**row.options, **row.training.patches})
    task = dataclasses.replace(task, most_steps=row.training.most_steps)
    scores = _Scores(task, measure_of(row), settings)
    curve = []

    def at_mark(model: dn.DivNoising, facts: dict[str, Any]) -> None:
        whole = settings["all_images_from"]
        places = scores.all if whole is not None and facts["minutes"] >= whole else scores.some
        images = {
            place: model.posterior(task.test[place]).moments(settings["samples"]).mean
            for place in places
        }
        curve.append({**facts, **scores.of(images)})

    result = {"noisy image": scores.of(dict(enumerate(task.test)))}
    if settings["blind_spot"]:
        denoised = METHODS["noise2void"].denoise(task, minutes, seed).images
        result["blind spot"] = scores.of(dict(enumerate(denoised)))
    marks = [mark for mark in settings["marks"] if mark < minutes]
    _, facts = trained(
        task, row.network, row.training, minutes, seed, marks, at_mark, settings["restarts"]
    )
    training = row.training
    rate = f"halved by step {training.halving}, as 1 / time" if training.halving else "constant"
    return {
        **result,
        "curve": curve,
        "steps": facts["steps"],
        "noise model": facts["noise model"],
        "precision": facts["precision"],
        "learning rate": f"{training.learning_rate:g}, {rate}",
        "batch": f"{training.batch_size} patches of {training.patch_size} x {training.patch_size}",
    }


class _Scores:
    """PSNR of test images, of all and of some of them, by their places."""

    def __init__(self, task: Task, measure: Measure, settings: Mapping[str, Any]):
        self.all = range(len(task.test))
        self.some = self.all if settings["images"] is None else settings["images"]
        self._truth, self._measure = task.test_signal, measure

    def of(self, images: Mapping[int, np.ndarray]) -> dict[str, Any]:
        """Return means over some images and, where they are there, over all, and each, in dB."""
        values = {place: self._measure(self._truth[place], one) for place, one in images.items()}
        found = {}
        for places in (self.some, self.all):
            if set(places) <= set(values):
                mean = np.mean([values[place] for place in places])
                found[_column(len(places))] = round(float(mean), 2)
        by_image = {str(place + 1): round(float(value), 2) for place, value in values.items()}
        return {**found, "PSNR by image": by_image}


def table(name: str, recipe: Any, records: Sequence[Mapping[str, Any]]) -> str:
    """Return the curves of all rows as Markdown: a line for every mark of every seed."""
    if not records:
        return f"`python -m experiments run {name}`: not run yet."
    lines = []
    for record in records:
        result = record["result"]
        place = {"data": recipe.rows[record["row"]].title, "seed": record["seed"]}
        references = [{"minutes": one, **result[one]} for one in _REFERENCES if one in result]
        lines += [{**place, **one} for one in (*references, *result["curve"])]
    columns = [key for key in lines[-1] if key != "PSNR by image"]
    conditions = _by_conditions(recipe, records)
    return "\n".join(
        [f"`python -m experiments run {name}`", "", *conditions, "", *table_lines(lines, columns)]
    )


def _by_conditions(recipe: Any, records: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return a line for all rows that were trained under the same conditions."""
    rows: dict[str, list[str]] = {}
    for record in records:
        result = record["result"]
        words = [f"{key}: {result[key]}" for key in _CONDITIONS if key in result]
        key = "; ".join([*words, machine_words(record["machine"])])
        rows.setdefault(key, []).append(recipe.rows[record["row"]].title)
    return [f"- {'; '.join(dict.fromkeys(titles))}: {key}" for key, titles in rows.items()]


def _column(images: int) -> str:
    return f"PSNR, {images} image{'s' * (images > 1)}"
