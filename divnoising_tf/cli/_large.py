"""Images of `divnoising denoise` that are denoised tile by tile, from file to file."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from divnoising_tf.cli._application import announce, tell
from divnoising_tf.cli._inputs import refuse_existing
from divnoising_tf.errors import InputError

_RESULT_SUFFIXES = (".zarr", ".tif", ".tiff")
# of an image that is denoised as a whole: its counts, results, running sums and their copies
_BYTES_PER_PIXEL = 48


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
        Large images; all others, as they were given, without the OME-Zarrs in folders.
    """
    from divnoising_tf.data import image_files
    from divnoising_tf.large.zarr_reading import is_zarr

    large: list[Path] = []
    others: list[Path] = []
    for path in images:
        zarrs = sorted(one for one in path.iterdir() if is_zarr(one)) if path.is_dir() else []
        if is_zarr(path):
            large.append(path)
            continue
        large += zarrs
        files = [] if zarrs and not _has_files(path) else image_files(path)
        for file in files:
            (large if everything or _is_too_large(file) else others).append(file)
    return large, others


def denoise_large_images(
    model: Any, images: Sequence[Path], results: Sequence[Path], overwrite: bool, **options: Any
) -> None:
    """Denoise images tile by tile.

    Args:
        model: a trained `DivNoising`.
        images: paths.
        results: a path for each.
        overwrite: whether results are replaced; those that exist are left out otherwise.
        options: for `denoise_large`.

    Raises:
        InputError: as `denoise_large`.
    """
    from divnoising_tf.large import denoise_large, open_image

    for image in images:
        open_image(image, options["axes"]).require_channels(model.channels)
    for image, result in zip(images, results, strict=True):
        if result.exists() and not overwrite:
            tell(f"{image.name} was denoised before")
            continue
        tell(f"{image.name}, tile by tile")
        denoise_large(model, image, result, overwrite=overwrite, **options)
        announce(result)


def refuse_for_large(
    images: Sequence[Path], tolerance: float | None, pixels: str, mode: bool, augment: bool
) -> None:
    """Refuse options that do not go with large images.

    Raises:
        InputError: there are such images, and a tolerance, another type of pixels, the mode or
            orientations.
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
    if images and tolerance is not None:
        raise InputError(
            "A tolerance is that of a whole plane, which is never known when tiles are denoised "
            "one by one.",
            f"--tolerance {tolerance:g} for {images[0]}",
            "Say how many clean images to average with --average.",
        )


def refuse_existing_unless_unfinished(results: Sequence[Path], overwrite: bool) -> None:
    """Refuse to begin when a result exists, unless the same command was killed at another.

    Raises:
        InputError: a result exists, none is unfinished, and `overwrite` is false.
    """
    from divnoising_tf.large.unfinished import Unfinished

    if not any(Unfinished(result).begun for result in results):
        refuse_existing(results, overwrite)


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


def _has_files(folder: Path) -> bool:
    from divnoising_tf.data.reading import SUFFIXES

    return any(one.suffix.lower() in SUFFIXES and one.is_file() for one in folder.iterdir())


def _is_too_large(file: Path) -> bool:
    """Say whether a TIFF needs more than half of the free memory."""
    from divnoising_tf.data.reading import first_series
    from divnoising_tf.posterior.memory import available_memory

    if not file.name.lower().endswith((".tif", ".tiff")):
        return False
    with first_series(file, refuse_colour=False) as (series, _):
        return series.size * _BYTES_PER_PIXEL > available_memory() // 2
