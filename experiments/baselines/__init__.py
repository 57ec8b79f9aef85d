"""Other denoisers on the same task and budget, each as `denoise(task, minutes, seed)`."""

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import NamedTuple

from experiments.task import Denoised, Task


class Method(NamedTuple):
    """A baseline.

    Attributes:
        denoise: from task, minutes of training and seed to the result.
        supervised: whether it sees the clean images of the training set.
        label: its name in tables.
    """

    denoise: Callable[[Task, float, int], Denoised]
    supervised: bool
    label: str


def _imported(module: str, task: Task, minutes: float, seed: int) -> Denoised:
    return import_module(f"experiments.baselines.{module}").denoise(task, minutes, seed)


def _method(module: str, label: str, supervised: bool = False) -> Method:
    # imported when it runs, so that no method needs another one's libraries
    return Method(partial(_imported, module), supervised, label)


METHODS = {
    "nlm": _method("nlm", "NLM"),
    "bm3d": _method("bm3d", "BM3D"),
    "noise2void": _method("noise2void", "N2V"),
    "pn2v": _method("pn2v", "PN2V"),
    "care": _method("care", "CARE", supervised=True),
}
