"""The posterior p(s|x) of an image: encoded once, sampled as often as wanted."""

import logging
from collections.abc import Iterator
from typing import Any

import numpy as np
import tensorflow as tf

from divnoising_tf.data.axes import Planes, to_planes
from divnoising_tf.errors import InputError
from divnoising_tf.posterior.checks import check_count, check_image, check_trained
from divnoising_tf.posterior.latent_noise import plane_seed, seed_of_image
from divnoising_tf.posterior.running_moments import Moments, RunningMoments
from divnoising_tf.posterior.stopping import StoppingRule
from divnoising_tf.posterior.tile_sampler import (
    TileSampler,
    number_of_draws,
    samples_at_once,
)
from divnoising_tf.posterior.tiled_planes import TiledPlanes
from divnoising_tf.progress import progress

_logger = logging.getLogger(__name__)

# a standard error that is this much above the tolerance is within it
_ROUNDING = 1.001


class Posterior:
    """All clean images that the model holds possible for one noisy image or stack.

    Made by `DivNoising.posterior`. The image is encoded once; every sample is one pass through
    the decoder. Sample k depends on (seed, k) alone: it is the same on every run, however many
    samples are drawn, and the same that an exported model gives. Large images are worked on in
    tiles; the samples are those of one pass over the whole image, without seams.

    Args:
        model: a trained `DivNoising`.
        image: noisy image, counts.
        axes: one letter per axis of `image`, such as "YX", "SYX", "TYX" or "CYX".
        seed: of the samples; None derives it from each plane's pixels, the rule of exported
            models.
        tile_size: pixels, rounded down to a multiple of 2^depth; None for what memory bears.

    Raises:
        InputError: the image cannot be used, or the model has not been trained.

    Example:
        >>> from divnoising_tf import DivNoising, GaussianNoiseModel
        >>> model = DivNoising(GaussianNoiseModel(5.0), data_mean=100, data_standard_deviation=20)
        >>> posterior = model.posterior(np.full((3, 20, 30), 100), axes="TYX", seed=1)
        >>> mean, deviation = posterior.moments(4)
        >>> mean.shape, deviation.shape
        ((3, 20, 30), (3, 20, 30))
    """

    def __init__(
        self,
        model: Any,
        image: Any,
        axes: str | None = None,
        seed: int | None = 0,
        tile_size: int | None = None,
    ):
        check_trained(model)
        image = check_image(image)
        self.axes = axes or _default_axes(image.ndim, model.channels)
        self.seed = seed
        self._model = model
        self._planes: Planes = to_planes(image, self.axes)
        self._planes.require_channels(model.channels)
        pixels = self._planes.array
        self._shape = pixels.shape
        self._size = pixels.shape[1:3]
        seeds = [
            seed_of_image(plane) if seed is None else plane_seed(seed, number)
            for number, plane in enumerate(pixels)
        ]
        self._tiled = TiledPlanes(model, pixels, seeds, tile_size)

    def sample(self, n: int = 1) -> np.ndarray:
        """Return samples 0 to n - 1.

        Args:
            n: number of samples; all of them are held in memory.

        Returns:
            float32 array (n, *image shape), counts.
        """
        check_count(n)
        return self._planes.restore(self._drawn(0, n))

    def samples(self) -> Iterator[np.ndarray]:
        """Yield sample 0, 1, 2, … without end; one at a time is in memory.

        Of a large image whose latents do not fit in memory, it is a few.
        """
        first = 0
        while True:
            count = self._tiled.samples_per_visit
            for sample in self._drawn(first, count):
                yield self._planes.restore(sample)
            first += count

    def __iter__(self) -> Iterator[np.ndarray]:
        """Iterate over `samples`."""
        return self.samples()

    def moments(
        self,
        n: int = 100,
        tolerance: float | None = None,
        tolerance_counts: float | None = None,
        antithetic: bool = False,
    ) -> Moments:
        """Return the mean of n samples, the MMSE estimate, and their standard deviation.

        Memory does not grow with n. With a tolerance it stops before n samples, as soon as the
        standard error of the mean is within it. That error is the root mean square over the
        pixels of a plane, and holds for every plane of a stack.

        Args:
            n: number of samples, at least 2; with a tolerance, the most.
            tolerance: of the mean, in units of the samples' standard deviation; without pairs,
                t takes 1 / t² samples whatever the image: 100 for 0.1.
            tolerance_counts: of the mean, in counts.
            antithetic: sample in pairs, whose latents lie opposite each other around their mean
                (n is even). The mean settles with far fewer samples; the standard deviation is
                about as good as that of half as many.

        Returns:
            Mean and standard deviation per pixel, counts, float32, of the image's shape; and
            how many samples it took.

        Raises:
            InputError: a number cannot be used, or both tolerances are given.
        """
        rule = StoppingRule(number_of_draws(n, antithetic), tolerance, tolerance_counts)
        # mean and squares of `RunningMoments`, and for pairs what is within them
        state = [np.zeros(self._shape, np.float32) for _ in range(2 + antithetic)]
        drawn, wanted = 0, rule.first
        while wanted > drawn:
            self._add(state, drawn, wanted, antithetic)
            drawn = wanted
            variances = _variances(drawn, *state[1:])
            wanted = rule.wanted(drawn, *variances)
        samples = drawn * (1 + antithetic)
        _warn_above_tolerance(rule.excess(drawn, *variances), samples)
        mean, deviation = state[0], _standard_deviation(drawn, *state[1:])
        return Moments(self._planes.restore(mean), self._planes.restore(deviation), samples)

    def sample_prior(self, n: int = 1) -> np.ndarray:
        """Draw images of this image's size from the prior p(z), see `DivNoising.generate`."""
        return generate_images(self._model, self._size, n, self.seed or 0)

    def __repr__(self) -> str:
        shape = "×".join(str(size) for size in self._size)
        return (
            f"Posterior({self._shape[0]} plane(s) of {shape} pixels, axes {self.axes}, "
            f"seed {self.seed})"
        )

    def _drawn(self, first: int, count: int) -> np.ndarray:
        """Return samples first to first + count - 1, (count, plane, y, x, channel)."""
        stack = np.empty((count, *self._shape), np.float32)

        def draw(plane: int, sampler: TileSampler) -> None:
            rows, columns = sampler.tile.core
            place = stack[:, plane, rows, columns]
            filled = 0
            for batch in sampler.batches(count, first):
                place[filled : filled + len(batch)] = batch
                filled += len(batch)

        self._tiled.visit(draw)
        return stack

    def _add(self, state: list[np.ndarray], drawn: int, wanted: int, antithetic: bool) -> None:
        """Add draws to running moments, arrays (plane, y, x, channel), in place."""

        def add(plane: int, sampler: TileSampler) -> None:
            places = [one[plane][sampler.tile.core] for one in state]
            share = places[0].size / state[0][plane].size
            running = RunningMoments(drawn, *places)
            for draw in sampler.draws(wanted - drawn, drawn, antithetic):
                running.add(*draw)
                advance(len(draw) * len(draw[0]) * share)
            for place, value in zip(places, running.state, strict=False):
                place[...] = value

        total = (wanted - drawn) * (1 + antithetic) * self._shape[0]
        with progress("Sampling", total=total) as advance:
            self._tiled.visit(add)


def _variances(
    drawn: int, squares: np.ndarray, within: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the variances of draws and of samples in each plane, means over its pixels."""
    of_draws = squares.mean(axis=(1, 2, 3), dtype=np.float64) / (drawn - 1)
    if within is None:
        return of_draws, of_draws
    return of_draws, of_draws + within.mean(axis=(1, 2, 3), dtype=np.float64) / drawn


def _warn_above_tolerance(excess: float, samples: int) -> None:
    if excess > _ROUNDING:
        _logger.warning(
            "The tolerance was not reached with %d samples: the standard error of the mean is "
            "%.3g times as large.",
            samples,
            excess,
        )


def _standard_deviation(
    drawn: int, squares: np.ndarray, within: np.ndarray | None = None
) -> np.ndarray:
    """Return that of `RunningMoments`, in place of the squares: the images may be large."""
    squares /= drawn - 1
    if within is not None:
        within /= drawn
        squares += within
    return np.sqrt(squares, out=squares)


def generate_images(model: Any, size: tuple[int, int], n: int, seed: int) -> np.ndarray:
    """Draw images from the prior, see `DivNoising.generate`."""
    check_trained(model)
    check_count(n)
    for length in size:
        check_count(length)
    height, width = (-(-length // model.multiple) for length in size)
    mean = tf.zeros((height, width, model.latent_channels))
    at_once = samples_at_once(size)
    batches = [
        model.decode_samples(mean, mean + 1, seed, first, min(at_once, n - first))
        for first in range(0, n, at_once)
    ]
    stack = tf.concat(batches, axis=0)[:, : size[0], : size[1], :].numpy()
    return stack[..., 0] if model.channels == 1 else np.moveaxis(stack, -1, 1)


def _default_axes(ndim: int, channels: int) -> str:
    letters = ("YX", "SYX") if channels == 1 else ("CYX", "SCYX")
    for one in letters:
        if len(one) == ndim:
            return one
    raise InputError(
        "The axes of this image are not clear.",
        f"{ndim} dimensions",
        'Say what they are, for example axes="TYX".',
    )
