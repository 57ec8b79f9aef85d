"""Images of `divnoising denoise` that are denoised as a whole, in memory."""

import warnings
from pathlib import Path
from typing import Any, NamedTuple

from divnoising_tf.cli._application import announce, tell
from divnoising_tf.errors import InputError


class Results(NamedTuple):
    """Paths of what is made of one image: of all in one file, or of one file for each."""

    denoised: Path
    mean: Path
    uncertainty: Path
    samples: Path
    mode: Path


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
    separate: bool
    tile_size: int | None
    seed: int

    def of(self, results: Results) -> list[Path]:
        """Return the paths that are written."""
        if not self.separate:
            return [results.denoised]
        asked = (False, True, True, self.samples > 0, self.mode)
        return [path for path, one in zip(results, asked, strict=True) if one]


def results_of(file: Path, folder: Path, suffix: str) -> Results:
    """Return the paths of the results of an image."""
    stem = file.name.split(".ome.")[0] if ".ome." in file.name else file.stem
    names = (f"{stem}_{part}.{suffix}" for part in Results._fields)
    return Results(*(folder / name for name in names))


def check_whole_image(model: Any, file: Path, wanted: Wanted, suffix: str) -> Any:
    """Read an image and refuse one that the model does not work on, or that has too many axes.

    Args:
        model: that has been trained.
        file: the image.
        wanted: what is made of it.
        suffix: of the files of results.

    Returns:
        Its hot pixels, see `outliers.outliers`, or None.

    Raises:
        InputError: it cannot be read; it is blank; other channels or units; no place for its axes.
    """
    from divnoising_tf.data import read_image, to_planes
    from divnoising_tf.data.writing import hyperstack_axes
    from divnoising_tf.noise_models.outliers import bounds_of, outliers
    from divnoising_tf.noise_models.units import check_units

    image = read_image(file, wanted.axes)
    planes = to_planes(image.array, _plane_axes(image.axes, wanted))
    planes.require_channels(model.channels)
    check_units(image.array, model.noise_model)
    if suffix != "npy":
        hyperstack_axes(image.axes)
    elif wanted.samples:
        _sample_axes(image.axes)
    return outliers(planes.array, bounds_of(model))


def denoise_whole_image(
    model: Any, file: Path, results: Results, wanted: Wanted, overwrite: bool
) -> None:
    """Denoise an image and write its results.

    Raises:
        InputError: as `Posterior` and `write_results`.
    """
    from divnoising_tf.data import read_image
    from divnoising_tf.data.channels_as_planes import means_of_channels, warn_of_channels
    from divnoising_tf.noise_models.outliers import OutlierWarning

    image = read_image(file, wanted.axes)
    plane_axes = _plane_axes(image.axes, wanted)
    if plane_axes != image.axes:
        warn_of_channels(model, means_of_channels(image.array, image.axes))
    with warnings.catch_warnings():
        # said before the first image, of all of them together
        warnings.simplefilter("ignore", OutlierWarning)
        posterior = model.posterior(image.array, plane_axes, wanted.seed, wanted.tile_size)
    _write(_made(posterior, wanted), image, results, wanted, overwrite)


def _made(posterior: Any, wanted: Wanted) -> dict[str, Any]:
    """Return what is wanted of an image, by the names of the channels in its file."""
    if wanted.augment:
        posterior = posterior.augmented()
    moments = posterior.moments(
        wanted.average, tolerance_counts=wanted.tolerance, antithetic=wanted.antithetic
    )
    if wanted.tolerance is not None:
        tell(f"{moments.samples} clean images were averaged.")
    made = {"mean": moments.mean, "uncertainty": moments.standard_deviation}
    if wanted.samples:
        samples = posterior.sample(wanted.samples)
        made |= {f"sample {number}": one for number, one in enumerate(samples, 1)}
    if wanted.mode:
        made["mode"] = posterior.mode(wanted.average)
    return made


def _write(
    made: dict[str, Any], image: Any, results: Results, wanted: Wanted, overwrite: bool
) -> None:
    import numpy as np

    from divnoising_tf.data import write_image
    from divnoising_tf.data.display_range import with_display_ranges
    from divnoising_tf.data.result_writing import write_results

    metadata = with_display_ranges(image.metadata, made["mean"], image.axes)
    for path in wanted.of(results):
        part = _part(path, results, made)
        # integers would round the uncertainty away
        pixels = "float32" if "uncertainty" in part else wanted.pixels
        if path == results.samples and path.suffix == ".npy":
            stack, axes = np.stack(list(part.values())), _sample_axes(image.axes)
            write_image(path, stack, axes, pixels, overwrite=overwrite)
        else:
            write_results(path, part, image.axes, metadata, pixels, overwrite)
        announce(path)


def _part(path: Path, results: Results, made: dict[str, Any]) -> dict[str, Any]:
    """Return what goes into one file."""
    if path == results.denoised:
        return made
    if path == results.samples:
        return {name: one for name, one in made.items() if name.startswith("sample ")}
    name = Results._fields[results.index(path)]
    return {name: made[name]}


def _plane_axes(axes: str, wanted: Wanted) -> str:
    from divnoising_tf.data.channels_as_planes import stacked_axes

    return stacked_axes(axes) if wanted.channels_as_planes else axes


def _sample_axes(axes: str) -> str:
    """Return the axes of a stack of samples without names: the first letter that is free."""
    free = [letter for letter in "STZC" if letter not in axes]
    if not free:
        raise InputError(
            "There is no axis left for the samples.",
            f"axes {axes}",
            "Split the image, use --samples 0, or write TIFF.",
        )
    return free[0] + axes
