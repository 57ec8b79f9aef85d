"""The posterior p(s|x) of an image: encoded once, sampled as often as wanted."""

import functools
from collections.abc import Iterator
from typing import Any

import numpy as np

from divnoising_tf.data.axes import Planes, to_planes
from divnoising_tf.data.checks import check_count
from divnoising_tf.latent_noise.noise import plane_seed, seed_of_image
from divnoising_tf.posterior.checks import check_image, check_trained, default_axes
from divnoising_tf.posterior.clusters import (
    Clusters,
    check_cluster_arguments,
    clusters_of_samples,
)
from divnoising_tf.posterior.contract import LatentVariableModel
from divnoising_tf.posterior.converged_moments import converged_moments
from divnoising_tf.posterior.mode import check_mode_arguments, mode_image, rows_of_windows
from divnoising_tf.posterior.orientations import OrientedPlanes
from divnoising_tf.posterior.prior import generate_images
from divnoising_tf.posterior.running_moments import Moments
from divnoising_tf.posterior.stopping import StoppingRule, warn_above_tolerance
from divnoising_tf.posterior.tiling.regions import check_plane, checked_region
from divnoising_tf.posterior.tiling.tile_sampler import number_of_draws
from divnoising_tf.posterior.tiling.tiled_planes import TiledPlanes
from divnoising_tf.progress import progress


class Posterior:
    """All clean images that the model holds possible for one noisy image or stack.

    Made by `DivNoising.posterior`. The image is encoded once; every sample is one pass through
    the decoder. Sample k depends on (seed, k) alone: it is the same on every run, however many
    samples are drawn, and the same that an exported model gives. Large images are worked on in
    tiles; the samples are those of one pass over the whole image, without seams.

    Args:
        model: that has been trained.
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

    _tiling: type[TiledPlanes] | type[OrientedPlanes] = TiledPlanes

    def __init__(
        self,
        model: LatentVariableModel,
        image: Any,
        axes: str | None = None,
        seed: int | None = 0,
        tile_size: int | None = None,
    ):
        check_trained(model)
        image = check_image(image)
        self.axes = axes or default_axes(image.ndim, model.channels)
        self.seed = seed
        self._model = model
        self._planes: Planes = to_planes(image, self.axes)
        self._planes.require_channels(model.channels)
        pixels = self._planes.array
        self._shape = pixels.shape
        self._size = pixels.shape[1:3]
        self._seeds = [
            seed_of_image(plane) if seed is None else plane_seed(seed, number)
            for number, plane in enumerate(pixels)
        ]
        self._tile_size = tile_size
        self._tiled = self._tiling(model, pixels, self._seeds, tile_size)

    @property
    def image(self) -> np.ndarray:
        """The noisy image, counts, float32."""
        return self._planes.restore(self._planes.array)

    @property
    def planes(self) -> np.ndarray:
        """The noisy image as planes (n, y, x, channel), counts, float32."""
        return self._planes.array

    @property
    def noise_model(self) -> Any:
        """The `NoiseModel` of the model."""
        return self._model.noise_model

    def augmented(self) -> "Posterior":
        """Return the posterior over the image's eight orientations, see `AugmentedPosterior`."""
        return AugmentedPosterior(self._model, self.image, self.axes, self.seed, self._tile_size)

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
        settled = converged_moments(self._shape, rule, antithetic, self._tiled.add)
        warn_above_tolerance(settled.excess, settled.samples)
        mean, deviation = settled.mean, settled.standard_deviation
        return Moments(self._planes.restore(mean), self._planes.restore(deviation), settled.samples)

    def mode(
        self,
        n: int = 100,
        bandwidths: tuple[float, float] | None = None,
        window: int = 10,
        overlap: int = 3,
    ) -> np.ndarray:
        """Return where the samples crowd, an approximation of the MAP estimate.

        In every window mean shift climbs from the mean of the samples to where they are dense,
        with a bandwidth that falls by a tenth from the first to the last. Where two kinds of
        answer are possible, the mode is one of them, and the mean would lie between. Windows
        are blended over their overlap; each chooses for itself, so neighbours may differ.
        All channels of a window are looked at together.

        Args:
            n: number of samples, at least 2.
            bandwidths: first and last radius in counts, over all pixels and channels of a
                window together; (200, 100) in the paper. None makes them for every window from
                the spread of its samples, see `mode.spread_bandwidths`. With no sample within
                reach, a window keeps what it had, at first its mean.
            window: side of the windows, pixels.
            overlap: of neighbouring windows, pixels.

        Returns:
            Counts, float32, of the image's shape. Memory is bounded by a band of the image.

        Raises:
            InputError: a number or bandwidth is of no use.

        Example:
            >>> from divnoising_tf import DivNoising, GaussianNoiseModel
            >>> noise = GaussianNoiseModel(5.0)
            >>> model = DivNoising(noise, data_mean=100, data_standard_deviation=20)
            >>> model.posterior(np.full((20, 30), 100)).mode(4).shape
            (20, 30)
        """
        check_mode_arguments(n, bandwidths, window, overlap)
        channels, modes = self._model.channels, []
        total = len(self._seeds) * rows_of_windows(self._size, window, overlap)
        with progress("Finding the mode", total=total) as advance:
            for plane in range(len(self._seeds)):
                draw = functools.partial(self._draw_rows, plane, n)
                settings = bandwidths, window, overlap, advance, self._tiled.numbers_at_once
                modes.append(mode_image(draw, self._size, channels, n, *settings))
        return self._planes.restore(np.stack(modes))

    def clusters(
        self,
        rows: slice | None = None,
        columns: slice | None = None,
        n: int = 10_000,
        bandwidth: float | None = None,
        seeds: int = 100,
        max_iterations: int = 20,
        most: int = 9,
        plane: int = 0,
    ) -> Clusters:
        """Return the clusters of the samples of a crop: what it may show, and how often.

        Only the crop and what it needs around it are decoded; 4 bytes per sample, pixel and
        channel of the crop are held in memory.

        Args:
            rows: of the crop, a slice; None for all rows.
            columns: likewise.
            n: number of samples, at least 2.
            bandwidth: radius of a cluster in counts, over all pixels and channels of the crop
                together; the paper's is 800. None makes it from the samples, see
                `clusters.seed_bandwidth`.
            seeds: the first samples, where the search begins.
            max_iterations: of mean shift.
            most: how many clusters are returned, the best supported.
            plane: number of the image in a stack.

        Returns:
            The clusters, the best supported first.

        Raises:
            InputError: the crop is empty, a number or the bandwidth is of no use.

        Example:
            >>> from divnoising_tf import DivNoising, GaussianNoiseModel
            >>> noise = GaussianNoiseModel(5.0)
            >>> model = DivNoising(noise, data_mean=100, data_standard_deviation=20)
            >>> posterior = model.posterior(np.full((40, 60), 100))
            >>> clusters = posterior.clusters(slice(8, 20), slice(30, 50), n=20)
            >>> clusters.images.shape[1:], clusters.samples
            ((12, 20), 20)
        """
        check_cluster_arguments(n, bandwidth, seeds, max_iterations, most)
        check_plane(plane, len(self._seeds))
        region = checked_region(rows, columns, self._size)
        samples = self._tiled.region(plane, region, n)
        return clusters_of_samples(samples, bandwidth, seeds, max_iterations, most)

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
        self._tiled.draw(stack, first)
        return stack

    def _draw_rows(self, plane: int, n: int, rows: slice) -> np.ndarray:
        """Return samples 0 to n - 1 of some rows of one plane, (n, y, x, channel)."""
        region = rows, slice(0, self._size[1])
        return self._tiled.region(plane, region, n, all_will_follow=True)


class AugmentedPosterior(Posterior):
    """The posterior averaged over the eight rotations and flips of the image.

    Made by `Posterior.augmented`. Each sample is drawn from the image turned or flipped, and
    turned back: sample k from orientation k modulo 8, so every eighth is one of the plain
    posterior. All else is as in `Posterior`: samples, moments, mode, clusters. A microscope has
    no up and down, but a trained network has; where it answers differently for a turned image,
    the mean of eight answers is the better one, and the uncertainty holds their disagreement
    too. Sampling takes no longer; encoding takes eight times as long, and the eight encodings
    share the memory that one has otherwise.

    Take a number of samples that is a multiple of 8, so that all orientations count alike.

    Args:
        model: a trained `DivNoising`.
        image: noisy image, counts, of any size, square or not.
        axes: see `Posterior`, as for the arguments that follow.
        seed: of the samples; every orientation has its own from it.
        tile_size: pixels.

    Raises:
        InputError: see `Posterior`.

    Example:
        >>> from divnoising_tf import DivNoising, GaussianNoiseModel
        >>> model = DivNoising(GaussianNoiseModel(5.0), data_mean=100, data_standard_deviation=20)
        >>> posterior = model.posterior([[100] * 14] * 9).augmented()
        >>> posterior.moments(16).mean.shape
        (9, 14)
    """

    _tiling = OrientedPlanes

    def augmented(self) -> Posterior:
        """Return this posterior: it is augmented already."""
        return self

    def __repr__(self) -> str:
        return f"Augmented{super().__repr__()}"
