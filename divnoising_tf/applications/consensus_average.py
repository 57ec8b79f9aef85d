"""Consensus (Avg): the bright pixels of all samples are averaged, then thresholded and labelled.

The name is that of the DivNoising paper (Fig. 4, supplement 4); the words of the supplement could
not be had, and the choice of what is averaged is ours: the binary images before the membranes are
thinned. Middle lines of two samples differ by a pixel here and there, so an average of lines would
be below any threshold and cells would leak into each other.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np

from divnoising_tf.applications.segmentation import Segmentation
from divnoising_tf.errors import InputError


def consensus_average(
    samples: Iterable[np.ndarray], share: float = 0.5, **settings: Any
) -> np.ndarray:
    """Find the cells whose membranes (or nuclei) are bright in most samples.

    Memory does not grow with the number of samples.

    Args:
        samples: a stack (n, y, x) in counts, or samples (y, x) one after the other, such as
            `itertools.islice(posterior, 30)`.
        share: a pixel is bright in the consensus where more than this share of samples is, from 0
            to below 1. Less closes more gaps in membranes.
        **settings: of `Segmentation`.

    Returns:
        Labels (y, x), int32: 0 between the cells, 1, 2, ... in them.

    Raises:
        InputError: there is no sample, shapes differ, a setting has no meaning.

    Example:
        >>> samples = np.zeros((3, 9, 9))
        >>> samples[:2, :, 4] = 100  # a membrane in two samples of three
        >>> consensus_average(samples, radius=3)[0].tolist()
        [1, 1, 1, 1, 0, 2, 2, 2, 2]
    """
    if not 0 <= share < 1:
        raise InputError(
            "The share of samples must be from 0 to below 1.", share, "0.5 asks for a majority."
        )
    segmentation = Segmentation(**settings)
    count = 0
    bright = np.zeros((), np.int64)
    for sample in samples:
        mask = segmentation.bright_pixels(sample)
        if count and mask.shape != bright.shape:
            raise InputError(
                "All samples must have one shape.",
                f"{bright.shape} and {mask.shape}",
                "Give samples of one image.",
            )
        bright = bright + mask
        count += 1
    if count == 0:
        raise InputError("There is no sample.", "nothing", "Give at least one image (y, x).")
    return segmentation.cells(bright > share * count)
