"""Samples one after the other, whether they come from a posterior, a stack or a generator."""

import itertools
from collections.abc import Iterable, Iterator, Sized
from typing import Any

import numpy as np

from divnoising_tf.data.checks import check_count
from divnoising_tf.errors import InputError
from divnoising_tf.progress import progress

# of a posterior, which has no end
_DEFAULT_SAMPLES = 100


def number_of_samples(samples: Any, n: int | None, least: int) -> int:
    """Return how many samples to take.

    Args:
        samples: a `Posterior`, a stack (n, *shape), a list of images or a generator.
        n: what the user asked for; None for all of a stack or list, 100 of what has no length.
        least: how many there must be.

    Raises:
        InputError: there are fewer, or `n` is not a number of samples.

    Example:
        >>> number_of_samples(np.zeros((20, 8, 8)), None, least=2)
        20
        >>> number_of_samples(iter([]), None, least=2)
        100
    """
    if not isinstance(samples, Iterable):
        raise InputError(
            "These are not samples.", type(samples).__name__, "Give a posterior or a stack."
        )
    if n is None:
        n = len(samples) if isinstance(samples, Sized) else _DEFAULT_SAMPLES
    check_count(n, least)
    return int(n)


def streamed(
    samples: Iterable[np.ndarray], n: int, shape: tuple[int, ...], description: str
) -> Iterator[np.ndarray]:
    """Yield n samples, checked, with a progress bar; one at a time is in memory.

    Raises:
        InputError: fewer samples than `n`, another shape, or pixels that are not finite.

    Example:
        >>> len(list(streamed(np.zeros((20, 8, 8)), 5, (8, 8), "Comparing")))
        5
    """
    taken = 0
    with progress(description, total=n) as advance:
        for sample in itertools.islice(samples, n):
            sample = np.asarray(sample)
            if sample.shape != shape or sample.dtype.kind not in "uif":
                raise InputError(
                    "A sample must be an image of the same shape as what it is compared with.",
                    f"shape {sample.shape}, dtype {sample.dtype}, expected {shape}",
                    "Give a stack (n, *shape) or a posterior of this image.",
                )
            if not np.isfinite(sample).all():
                raise InputError(
                    "A sample holds NaN or infinity.", f"sample {taken}", "Train again."
                )
            yield sample
            taken += 1
            advance(1)
    if taken < n:
        raise InputError(
            "There are fewer samples than asked for.", f"{taken} of {n}", "Draw more, or ask less."
        )
