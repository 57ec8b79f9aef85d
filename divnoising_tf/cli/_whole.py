"""Images of `divnoising denoise` that are denoised as a whole, in memory."""

import warnings
from pathlib import Path
from typing import Any, NamedTuple

from divnoising_tf.cli._application import announce, tell
from divnoising_tf.errors import InputError


class Results(NamedTuple):
    """Paths of what is made of one image."""

    mmse: Path
    uncertainty: Path
    map: Path
    samples: Path


class Wanted(NamedTuple):
    """What is made of every image; see the options of `divnoising denoise`."""

    average: int
    tolerance: float | None
    antithetic: bool
    augment: bool
    samples: int
    mode: bool
    axes: str | None
    channels_as_planes: bool
    pixels: str
    tile_size: int | None
    seed: int

    def of(self, results: Results) -> list[Path]:
        """Return the paths that are written."""
        asked = (True, True, self.mode, self.samples > 0)
        return [path for path, one in zip(results, asked, strict=True) if one]


def results_of(file: Path, folder: Path, suffix: str) -> Results:
    """Return the paths of the results of an image."""
    stem = file.name.split(".ome.")[0] if ".ome." in file.name else file.stem
    names = (f"{stem}_{part}.{suffix}" for part in Results._fields)
    return Results(*(folder / name for name in names))


def check_whole_image(model: Any, file: Path, wanted: Wanted) -> Any:
    """Read an image and refuse one that the model does not work on.

    Returns:
        Its hot pixels, see `outliers.outliers`, or None.

    Raises:
        InputError: it cannot be read; it is blank; other channels, units, or no axis for samples.
    """
    from divnoising_tf.data import read_image, to_planes
    from divnoising_tf.outliers import bounds_of, outliers
    from divnoising_tf.units import check_units

    image = read_image(file, wanted.axes)
    planes = to_planes(image.array, _plane_axes(image.axes, wanted))
    planes.require_channels(model.channels)
    check_units(image.array, model.noise_model)
    if wanted.samples:
        _sample_axes(image.axes)
    return outliers(planes.array, bounds_of(model))


def denoise_whole_image(
    model: Any, file: Path, results: Results, wanted: Wanted, overwrite: bool
) -> None:
    """Denoise an image and write its results.

    Raises:
        InputError: as `Posterior` and `write_image`.
    """
    from divnoising_tf.channels_as_planes import means_of_channels, warn_of_channels
    from divnoising_tf.data import read_image
    from divnoising_tf.outliers import OutlierWarning

    image = read_image(file, wanted.axes)
    plane_axes = _plane_axes(image.axes, wanted)
    if plane_axes != image.axes:
        warn_of_channels(model, means_of_channels(image.array, image.axes))
    with warnings.catch_warnings():
        # said before the first image, of all of them together
        warnings.simplefilter("ignore", OutlierWarning)
        posterior = model.posterior(image.array, plane_axes, wanted.seed, wanted.tile_size)
    if wanted.augment:
        posterior = posterior.augmented()
    moments = posterior.moments(
        wanted.average, tolerance_counts=wanted.tolerance, antithetic=wanted.antithetic
    )
    if wanted.tolerance is not None:
        tell(f"{moments.samples} clean images were averaged.")
    axes, pixels = image.axes, wanted.pixels
    _write(results.mmse, "mmse", moments.mean, axes, pixels, overwrite)
    _write(
        results.uncertainty, "uncertainty", moments.standard_deviation, axes, "float32", overwrite
    )
    if wanted.mode:
        mode = posterior.mode(wanted.average)
        _write(results.map, "map", mode, axes, pixels, overwrite)
    if wanted.samples:
        stack = posterior.sample(wanted.samples)
        _write(results.samples, "sample", stack, _sample_axes(axes), pixels, overwrite)


def _plane_axes(axes: str, wanted: Wanted) -> str:
    from divnoising_tf.channels_as_planes import stacked_axes

    return stacked_axes(axes) if wanted.channels_as_planes else axes


def _sample_axes(axes: str) -> str:
    """Return the axes of a stack of samples: the first letter for a stack that is free."""
    free = [letter for letter in "STZ" if letter not in axes]
    if not free:
        raise InputError(
            "There is no axis left for the samples.", axes, "Split the image, or use --samples 0."
        )
    return free[0] + axes


def _write(path: Path, what: str, image: Any, axes: str, pixels: str, overwrite: bool) -> None:
    from divnoising_tf.data import write_image

    names = None
    if "C" in axes:
        channels = range(1, image.shape[axes.index("C")] + 1)
        names = [f"{what}, channel {number}" for number in channels]
    write_image(path, image, axes, dtype=pixels, channel_names=names, overwrite=overwrite)
    announce(path)
