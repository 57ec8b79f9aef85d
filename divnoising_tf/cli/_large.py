"""Images of `divnoising denoise` that are denoised tile by tile, from file to file."""

import math
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from divnoising_tf.cli._application import announce
from divnoising_tf.cli._whole import Wanted
from divnoising_tf.errors import BlankImageError, InputError

_RESULT_SUFFIXES = (".zarr", ".tif", ".tiff")
# of an image that is denoised as a whole: its counts, results, running sums and their copies
_BYTES_PER_PIXEL = 48
_ROWS_AT_ONCE = 256


def names_a_file(output: Path) -> bool:
    """Say whether an output is the result itself, and not a folder for results.

    Example:
        >>> names_a_file(Path("out.zarr")), names_a_file(Path("results"))
        (True, False)
    """
    return output.name.lower().endswith(_RESULT_SUFFIXES)


def large_images(images: Sequence[Path], everything: bool) -> tuple[list[Path], list[Path]]:
    """Divide images into those that are denoised tile by tile, and the others.

    Args:
        images: files, OME-Zarrs, and folders of these.
        everything: whether all of them are denoised tile by tile, whatever their size.

    Returns:
        Large images, among them all OME-Zarrs; all others.
    """
    from divnoising_tf.data import image_files
    from divnoising_tf.data.zarr_reading import is_zarr

    large: list[Path] = []
    others: list[Path] = []
    for image in image_files(images):
        (large if everything or is_zarr(image) or _is_too_large(image) else others).append(image)
    return large, others


def large_options(wanted: Wanted, **others: Any) -> dict[str, Any]:
    """Return the options of `denoise_large`, without overwrite."""
    return {
        "average": wanted.average,
        "tolerance_counts": wanted.tolerance,
        "antithetic": wanted.antithetic,
        "samples": wanted.samples,
        "axes": wanted.axes,
        "channels_as_planes": wanted.channels_as_planes,
        "seed": wanted.seed,
        "tile_size": wanted.tile_size,
        **others,
    }


def check_large_image(model: Any, image: Path, options: Mapping[str, Any]) -> None:
    """Refuse an image that the model does not work on, before any work.

    Raises:
        BlankImageError: all of its pixels are equal.
        InputError: it cannot be opened; other channels; more kinds of stacks than a result has
            axes for; other units, as far as a few of its pixels say.
    """
    from divnoising_tf.large import open_image
    from divnoising_tf.large.layout import result_layout
    from divnoising_tf.noise_models.units import check_units

    opened = open_image(image, options["axes"], options["channels_as_planes"])
    opened.require_channels(model.channels)
    result_layout(opened, options["samples"])
    with warnings.catch_warnings():
        # `denoise_large` says it, beside the name of the image
        warnings.simplefilter("ignore")
        try:
            check_units(list(opened.some_regions()), model.noise_model)
        except BlankImageError as error:
            if _is_blank(opened):
                raise
            raise InputError(
                "Nearly all pixels of the image are equal.", error.received, error.advice
            ) from error


def denoise_large_image(
    model: Any, image: Path, result: Path, options: Mapping[str, Any], overwrite: bool
) -> None:
    """Denoise an image tile by tile.

    Args:
        model: a trained `DivNoising`.
        image: path.
        result: its path.
        options: from `large_options`.
        overwrite: whether the result is replaced.

    Raises:
        InputError: as `denoise_large`.
    """
    from divnoising_tf.large import denoise_large

    denoise_large(model, image, result, overwrite=overwrite, **options)
    announce(result)


def refuse_for_large(images: Sequence[Path], pixels: str, mode: bool, augment: bool) -> None:
    """Refuse options that do not go with large images.

    Raises:
        InputError: there are such images, and another type of pixels, the mode or orientations.
    """
    if images and mode:
        raise InputError(
            "The most probable image is not made of images that are denoised tile by tile.",
            f"--mode for {images[0]}",
            "Leave out --mode, or crop the part that matters.",
        )
    if images and augment:
        raise InputError(
            "Images that are denoised tile by tile are not turned.",
            f"--augment for {images[0]}",
            "Leave out --augment, or crop the part that matters.",
        )
    if images and pixels != "float32":
        raise InputError(
            "Images that are denoised tile by tile are written as float32.",
            f"--pixels {pixels} for {images[0]}",
            "Leave out --pixels.",
        )


def large_results(images: Sequence[Path], output: Path) -> list[Path]:
    """Return the paths of the results of large images.

    Raises:
        InputError: one result for several images.
    """
    if not names_a_file(output):
        return [output / f"{_stem(image)}_denoised.zarr" for image in images]
    if len(images) != 1:
        raise InputError(
            "There are several images for one result.",
            f"{len(images)} images and --output {output}",
            "Give a folder as --output, or denoise them one by one.",
        )
    return [output]


def _stem(image: Path) -> str:
    return image.name.split(".ome.")[0] if ".ome." in image.name else image.stem


def _is_blank(image: Any) -> bool:
    """Say whether all pixels of a `LazyImage` are equal; reads until two differ."""
    first = image.read(0, slice(0, 1), slice(0, 1)).flat[0]
    height, width = image.size
    return all(
        (
            image.read(plane, slice(row, min(row + _ROWS_AT_ONCE, height)), slice(0, width))
            == first
        ).all()
        for plane in range(image.planes)
        for row in range(0, height, _ROWS_AT_ONCE)
    )


def _is_too_large(file: Path) -> bool:
    """Say whether a TIFF needs more than half of the free memory."""
    from divnoising_tf.data.tiff_series import tiff_image
    from divnoising_tf.machine.memory import available_memory

    if not file.name.lower().endswith((".tif", ".tiff")):
        return False
    try:
        with tiff_image(file, refuse_colour=False) as image:
            return math.prod(image.shape) * _BYTES_PER_PIXEL > available_memory() // 2
    except InputError:  # said when all images are looked at, beside those that are good
        return False
