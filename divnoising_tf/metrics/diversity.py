"""How much samples differ from each other, in decibels."""

from collections.abc import Iterable

import numpy as np

from divnoising_tf.errors import InputError
from divnoising_tf.metrics.signal_to_noise import psnr


def psnr_standard_deviation(
    truth: np.ndarray, samples: Iterable[np.ndarray], value_range: float | None = None
) -> float:
    """Return the standard deviation of the PSNRs of samples, a measure of their diversity.

    Each sample is held against the truth by `psnr`; of these numbers the standard deviation is
    taken (of the unbiased variance, so the divisor is n - 1). It is what supplement 6 of the
    DivNoising paper plots against β, as far as its name tells; its formula could not be had.
    It is 0 if all samples are equally wrong, even if they are wrong in different places: on a
    large image, where errors average out, it is small. The deviation per pixel,
    `Posterior.moments`, does not have this blind spot and needs no truth.

    Args:
        truth: the clean image, any shape, counts.
        samples: at least two images of the same shape and units, one after the other, such as
            `itertools.islice(posterior, 100)`, or a stack (n, *shape).
        value_range: see `psnr`.

    Returns:
        Decibels.

    Raises:
        InputError: fewer than two samples, a sample that equals the truth, or as `psnr`.

    Example:
        >>> truth = np.array([[0.0, 10.0]])
        >>> psnr_standard_deviation(truth, [truth + 1, truth + 10])  # 20 and 0 dB
        14.14
    """
    values = [psnr(truth, sample, value_range) for sample in samples]
    if len(values) < 2:
        raise InputError(
            "A standard deviation needs at least two samples.",
            f"{len(values)} sample(s)",
            "Give more samples.",
        )
    if not np.isfinite(values).all():
        raise InputError(
            "A sample equals the truth, so that its PSNR is infinite.",
            f"{np.count_nonzero(~np.isfinite(values))} such samples of {len(values)}",
            "Give samples of a posterior, not the truth itself.",
        )
    return float(np.std(values, ddof=1))
