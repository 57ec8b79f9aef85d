"""What samples of a posterior are worth against the truth, in one pass over them."""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

import numpy as np

from divnoising_tf.metrics import psnr


def sampling_scores(
    samples: Iterable[np.ndarray], clean: np.ndarray, counts: Sequence[int]
) -> dict[str, Any]:
    """Return the PSNR of means of samples, and how much samples differ.

    Args:
        samples: (y, x) each, counts; as many are taken as the highest count.
        clean: the truth (y, x), counts; its range is the peak.
        counts: numbers of samples, rising.

    Returns:
        "PSNR of the mean of n": dB for each count; "PSNR of a sample": the mean, dB;
        "diversity": the standard deviation of the samples' PSNRs, dB (supplement 6);
        "deviation": of the samples, root mean square over the pixels, counts.
    """
    mean = np.zeros(clean.shape, np.float64)
    squares = np.zeros(clean.shape, np.float64)
    single, of_means = [], {}
    for n, sample in enumerate(islice(samples, counts[-1]), 1):
        # Welford: mean and squared differences from it, without the stack
        difference = sample - mean
        mean += difference / n
        squares += difference * (sample - mean)
        single.append(psnr(clean, sample))
        if n in counts:
            of_means[str(n)] = round(psnr(clean, mean), 3)
    return {
        "PSNR of the mean of n": of_means,
        "PSNR of a sample": round(float(np.mean(single)), 3),
        "diversity": round(float(np.std(single, ddof=1)), 4) if len(single) > 1 else 0.0,
        "deviation": round(float(np.sqrt(squares.mean() / max(1, len(single) - 1))), 3),
    }


def mean_of(rows: Sequence[Any]) -> Any:
    """Return the mean of numbers, or of whatever dictionaries of one form hold."""
    if isinstance(rows[0], dict):
        return {key: mean_of([row[key] for row in rows]) for key in rows[0]}
    return round(float(np.mean(rows)), 4)
