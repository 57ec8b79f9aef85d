"""Times several works in turns, so that what slows the machine slows all of them alike."""

import time
from collections.abc import Callable, Mapping
from statistics import median

import tensorflow as tf

from measuring.machine import cores

Work = Callable[[], int]


def rates(works: Mapping[str, Work], rounds: int) -> dict[str, list[float]]:
    """Return units per second of every work in every round.

    Args:
        works: do something and return how many units it was: samples, patches.
        rounds: how often each work has its turn, after one that is not counted.
    """
    found: dict[str, list[float]] = {name: [] for name in works}
    for round_ in range(rounds + 1):
        for name, work in works.items():
            # threads of the one before go to sleep
            time.sleep(0.1)
            begin = time.perf_counter()
            units = work()
            if round_:
                found[name].append(units / (time.perf_counter() - begin))
    return found


def compared(found: Mapping[str, list[float]], reference: str) -> list[dict[str, float | str]]:
    """Return one row per work: median rate, and median over the rounds of its ratio."""
    return [
        {
            "which": name,
            "per second": round(median(values), 2),
            "ratio": round(median(a / b for a, b in zip(values, found[reference], strict=True)), 2),
            "lowest ratio": round(
                min(a / b for a, b in zip(values, found[reference], strict=True)), 2
            ),
        }
        for name, values in found.items()
    ]


def use_all_cores() -> None:
    """Give TensorFlow as many threads as there are cores, as the reference has them."""
    tf.config.threading.set_intra_op_parallelism_threads(cores())
    tf.config.threading.set_inter_op_parallelism_threads(cores())
