"""Mean and standard deviation of as many samples as a stopping rule asks for, tile by tile."""

import contextlib
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from divnoising_tf.posterior.running_moments import RunningMoments, deviation_in_place
from divnoising_tf.posterior.stopping import StoppingRule, plane_variances
from divnoising_tf.posterior.tiling.tile_sampler import TileSampler
from divnoising_tf.progress import progress

State = Sequence[np.ndarray]
Advance = Callable[[float], None]
# adds to the state of so many draws so many more, pairs or not, of all planes, and tells how many
Add = Callable[[State, int, int, bool, Advance], None]


class ConvergedMoments(NamedTuple):
    """Moments, and how well their mean is settled.

    Attributes:
        mean: (plane, y, x, channel), counts, float32.
        standard_deviation: of the samples, likewise.
        samples: how many there were; a pair is two.
        standard_error: of the mean, its root mean square over the worst plane, counts.
        excess: the standard error as a multiple of the tolerance; 0 without one.
    """

    mean: np.ndarray
    standard_deviation: np.ndarray
    samples: int
    standard_error: float
    excess: float


def converged_moments(
    shape: tuple[int, ...],
    rule: StoppingRule,
    antithetic: bool,
    add: Add,
    show: bool = True,
) -> ConvergedMoments:
    """Return moments of samples 0 to the one at which a rule is content.

    Args:
        shape: (plane, y, x, channel) of the planes, or of one part of them.
        rule: asks for draws.
        antithetic: whether a draw is a pair, see `Posterior.moments`.
        add: as `TiledPlanes.add`; it may be called many times.
        show: whether there is a progress bar.
    """
    # mean and squares of `RunningMoments`, and for pairs what is within them
    state = [np.zeros(shape, np.float32) for _ in range(2 + antithetic)]
    drawn, wanted = 0, rule.first
    while wanted > drawn:
        total = (wanted - drawn) * (1 + antithetic) * shape[0]
        bar = progress("Sampling", total=total) if show else contextlib.nullcontext(_no_bar)
        with bar as advance:
            add(state, drawn, wanted - drawn, antithetic, advance)
        drawn = wanted
        variances = plane_variances(drawn, *state[1:])
        wanted = rule.wanted(drawn, *variances)
    return ConvergedMoments(
        state[0],
        deviation_in_place(drawn, *state[1:]),
        drawn * (1 + antithetic),
        float(np.sqrt(variances[0].max() / drawn)),
        rule.excess(drawn, *variances),
    )


def adding(
    state: State,
    drawn: int,
    draws: int,
    antithetic: bool,
    advance: Advance,
    first: int | None = None,
    origin: tuple[int, int] = (0, 0),
) -> Callable[[int, TileSampler], None]:
    """Return what adds draws of a tile to running moments, in place, all of them or none.

    Args:
        state: of `RunningMoments`, arrays (plane, y, x, channel) of the planes, or of a part.
        drawn: how many draws they are made of so far.
        draws: how many to add.
        antithetic: whether a draw is a pair.
        advance: is told how many samples of a plane were added.
        first: number of the first draw to add; None for the one after those drawn.
        origin: row and column where the part lies in its plane, pixels.
    """
    first = drawn if first is None else first

    def add(plane: int, sampler: TileSampler) -> None:
        rows, columns = (
            slice(part.start - begin, part.stop - begin)
            for part, begin in zip(sampler.tile.core, origin, strict=True)
        )
        places = [one[plane, rows, columns] for one in state]
        share = places[0].size / state[0][plane].size
        running = RunningMoments(drawn, *places)
        for draw in sampler.draws(draws, first, antithetic):
            running.add(*draw)
            advance(len(draw) * len(draw[0]) * share)
        for place, value in zip(places, running.state, strict=False):
            place[...] = value

    return add


def _no_bar(steps: float) -> None:
    """Advance nothing."""
