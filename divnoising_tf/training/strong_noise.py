"""How a training begins where most of what the pixels vary by is noise.

With ordinary initial weights the decoder hears little but noise and learns to be silent: the ReLUs
of its last level die, and no training brings them back. Three things keep it listening: weights
that keep the scale of their input (He et al. 2015) and a posterior that begins narrow, both of
`NetworkSettings.for_strong_noise`, and some hundred steps without the KL divergence.
docs/training.md has what was measured.
"""

import math
from typing import NamedTuple

STRONG_NOISE = 0.7
"""Share of noise in the variance of the pixels, see `noise_share`, from which it is needed."""

_STEPS_WITHOUT_DIVERGENCE = 800
_STEPS_OF_RISE = 1500


class Annealing(NamedTuple):
    """Epochs in which the weight of the KL divergence is 0, and over which it then rises to 1."""

    start: int
    epochs: int


def strong_noise_annealing(steps_per_epoch: int) -> Annealing:
    """Return the annealing for strong noise: 800 steps without KL divergence, 1500 of rise.

    Args:
        steps_per_epoch: batches in an epoch.

    Example:
        >>> strong_noise_annealing(100)
        Annealing(start=8, epochs=15)
    """
    steps = (_STEPS_WITHOUT_DIVERGENCE, _STEPS_OF_RISE)
    return Annealing(*(math.ceil(number / steps_per_epoch) for number in steps))
