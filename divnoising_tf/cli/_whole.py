"""Images of `divnoising denoise` that are denoised as a whole, in memory."""

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


def check_whole_image(model: Any, file: Path, wanted: Wanted, suffix: str) -> None:
    """Read an image and refuse one that the model does not work on, or that has too many axes.

    Args:
        model: a trained `DivNoising`.
        file: the image.
        wanted: what is made of it.
        suffix: of the files of results.

    Raises:
        InputError: it cannot be read; other channels or units; no place for its axes.
    """
    from divnoising_tf.data import read_image, to_planes
    from divnoising_tf.data.writing import hyperstack_axes
    from divnoising_tf.units import check_units

    image = read_image(file, wanted.axes)
    to_planes(image.array, _plane_axes(image.axes, wanted)).require_channels(model.channels)
    check_units(image.array, model.noise_model)
    if suffix != "npy":
        hyperstack_axes(image.axes)
    elif wanted.samples:
        _sample_axes(image.axes)


def denoise_whole_image(
    model: Any, file: Path, results: Results, wanted: Wanted, overwrite: bool
) -> None:
    """Denoise an image and write its results.

    Raises:
        InputError: as `Posterior` and `write_results`.
    """
    from divnoising_tf.channels_as_planes import means_of_channels, warn_of_channels
    from divnoising_tf.data import read_image, write_image
    from divnoising_tf.data.display_range import with_display_ranges
    from divnoising_tf.data.result_writing import write_results

    image = read_image(file, wanted.axes)
    axes = image.axes
    plane_axes = _plane_axes(axes, wanted)
    if plane_axes != axes:
        warn_of_channels(model, means_of_channels(image.array, axes))
    posterior = model.posterior(image.array, plane_axes, wanted.seed, wanted.tile_size)
    if wanted.augment:
        posterior = posterior.augmented()
    moments = posterior.moments(
        wanted.average, tolerance_counts=wanted.tolerance, antithetic=wanted.antithetic
    )
    if wanted.tolerance is not None:
        tell(f"{moments.samples} clean images were averaged.")
    metadata = with_display_ranges(image.metadata, moments.mean, axes)

    def write(path: Path, images: dict[str, Any], pixels: str = wanted.pixels) -> None:
        write_results(path, images, axes, metadata, pixels, overwrite)
        announce(path)

    write(results.mmse, {"mmse": moments.mean})
    write(results.uncertainty, {"uncertainty": moments.standard_deviation}, "float32")
    if wanted.mode:
        write(results.map, {"map": posterior.mode(wanted.average)})
    if wanted.samples:
        samples = posterior.sample(wanted.samples)
        if results.samples.suffix == ".npy":
            write_image(
                results.samples, samples, _sample_axes(axes), wanted.pixels, None, overwrite
            )
            announce(results.samples)
        else:
            write(results.samples, {f"sample {k}": one for k, one in enumerate(samples, 1)})


def _plane_axes(axes: str, wanted: Wanted) -> str:
    from divnoising_tf.channels_as_planes import stacked_axes

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
