"""Reads models and noise models for the subcommands, and refuses what is not one."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from divnoising_tf.cli._application import tell
from divnoising_tf.errors import BlankImageError, InputError
from divnoising_tf.files.runs import is_left_over

_MOST_NAMES = 5


def load_model(path: Path) -> Any:
    """Return a model, in float32 where this machine is slow in its bfloat16.

    Raises:
        InputError: missing, damaged, or a model of something else.
    """
    from divnoising_tf.models.model_file import load_model
    from divnoising_tf.models.precision import without_slow_bfloat16

    return without_slow_bfloat16(load_model(path))


def load_noise_model(path: Path) -> Any:
    """Return a noise model from .json, or from an .npz of PN2V, DivNoising, HDN or CAREamics.

    Raises:
        InputError: missing, damaged, or something else.
    """
    from divnoising_tf import noise_models

    if path.suffix.lower() == ".npz":
        return noise_models.GaussianMixtureNoiseModel.from_npz(path)
    return noise_models.NoiseModel.load(path)


def joined_noise_models(paths: Sequence[Path], channels: int) -> Any:
    """Return the noise model of images with channels: one for all of them, or one for each.

    Raises:
        InputError: no noise model, or another number of them.
    """
    if not paths:
        raise InputError(
            "There is no noise model.",
            "no --noise-model",
            "Make one with 'divnoising noise-model fit' or 'bootstrap', or say --learn-noise to "
            "learn the noise together with the images.",
        )
    models = [load_noise_model(path) for path in paths]
    if len(models) == 1:
        return models[0]
    if len(models) != channels:
        raise InputError(
            "There must be one noise model, or one for each channel.",
            f"{len(models)} noise models for {channels} channel(s)",
            "Give --noise-model once, or once for each channel in their order.",
        )
    from divnoising_tf.noise_models import ChannelwiseNoiseModel

    return ChannelwiseNoiseModel(models)


def read_stack(paths: Sequence[Path], axes: str | None, keep_blank: bool = True) -> Any:
    """Return all planes of grey images of one size as one array (n, y, x), counts.

    Args:
        paths: files and folders.
        axes: axes string; None for those of the files.
        keep_blank: whether blank images count, because others belong to them one by one.

    Raises:
        InputError: as `read_images`; or colours or channels, or images of different sizes.
    """
    import numpy as np

    from divnoising_tf.data import read_images, to_planes

    images = read_images(paths, axes)
    if not keep_blank:
        images = without_blank(images)
    stacks = []
    for image in images:
        planes = to_planes(image.array, image.axes)
        planes.require_channels(1)
        stacks.append(planes.array[..., 0])
    sizes = [stack.shape[1:] for stack in stacks]
    for image, size in zip(images, sizes, strict=True):
        if size != sizes[0]:
            raise InputError(
                "The images differ in size.",
                f"{sizes[0]} pixels in {images[0].name}, but {size} in {image.name}",
                "Calibrate on images of one field of view, or crop them to one size.",
            )
    return np.concatenate(stacks)


def without_blank(images: Sequence[Any]) -> list[Any]:
    """Return the images that show something; say which are left out.

    Args:
        images: as `read_images` gives them.

    Raises:
        InputError: all of them are blank.
    """
    kept = [image for image in images if image.array.min() != image.array.max()]
    names = [image.name for image in images if not any(image is one for one in kept)]
    shown = ", ".join(names[:_MOST_NAMES]) + " and more" * (len(names) > _MOST_NAMES)
    if not kept:
        raise BlankImageError(
            "All images are constant: in each of them all pixels are equal.",
            shown,
            "Check that the right files or channels were read.",
        )
    if names:
        tell(f"Warning: {len(names)} blank image(s) are left out: {shown}.", style="yellow")
    return kept


def refuse_existing(paths: Iterable[Path], overwrite: bool) -> None:
    """Refuse to begin when a result exists, before any work is done.

    Raises:
        InputError: a path exists and `overwrite` is false.
    """
    existing = [str(path) for path in paths if path.exists() and not is_left_over(path)]
    if existing and not overwrite:
        shown = ", ".join(existing[:5]) + (f" and {len(existing) - 5} more" * (len(existing) > 5))
        raise InputError(
            "The output exists already and is not replaced.",
            shown,
            "Choose another name with --output, or say --overwrite.",
        )


def require_suffix(path: Path, suffixes: tuple[str, ...], what: str) -> None:
    """Refuse an output whose name does not say what it is.

    Raises:
        InputError: another suffix.
    """
    if not path.name.lower().endswith(suffixes):
        raise InputError(
            f"The name of {what} must end in {' or '.join(suffixes)}.", path, "Rename it."
        )
