"""One trained model as one zip file for the BioImage Model Zoo, Fiji and bioimageio.core."""

import logging
import os
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from divnoising_tf.data.axes import to_planes
from divnoising_tf.errors import InputError
from divnoising_tf.files.atomic import atomic_path
from divnoising_tf.models.base import VariationalDenoiser
from divnoising_tf.models.latent_metrics import active_latent_channels
from divnoising_tf.posterior.checks import check_image, check_trained
from divnoising_tf.zoo import description
from divnoising_tf.zoo.cover import write_cover
from divnoising_tf.zoo.kinds import sample_numbers
from divnoising_tf.zoo.load import MODEL_NAME
from divnoising_tf.zoo.metadata import Metadata
from divnoising_tf.zoo.metadata_file import METADATA_NAME, metadata_text
from divnoising_tf.zoo.readme import VALIDATION_NAME, readme_text
from divnoising_tf.zoo.sampling_graph import (
    INPUT_NAME,
    OUTPUT_NAME,
    sampling_function,
    write_saved_model,
)
from divnoising_tf.zoo.validation import Validation

_logger = logging.getLogger(__name__)

BUNDLE_NAME = "saved_model.zip"
ONNX_NAME = "model.onnx"
NOISE_MODEL_NAME = "noise_model.json"
# pixels of the test image: enough to show structures, small enough for a few megabytes of tests
_LARGEST_TEST_SIZE = 256


def export(
    model: VariationalDenoiser,
    path: str | os.PathLike[str],
    test_image: Any,
    n_samples: int | None = None,
    n_averaged: int | None = None,
    seed: int | None = None,
    metadata: Metadata | Mapping[str, Any] | None = None,
    axes: str | None = None,
    overwrite: bool = False,
    kind: str = "full",
    truth: Any = None,
    noise_report: object = None,
    **fields: Any,
) -> Path:
    """Write a trained model as a bioimage.io package that Fiji and `bioimageio test` run.

    The package takes a noisy image in counts and gives mean, uncertainty and samples, see
    `sampling_function`. With it go a README, a cover, and the Keras and noise model: `load`
    gives the model back.

    Args:
        model: that has been trained.
        path: the zip file.
        test_image: one noisy image as the model was trained on, counts; at least 8 pixels high
            and wide. Its central 256 × 256 pixels at most are kept, for the package's test and
            its cover.
        n_samples: samples in the output; None for the kind's own number, 8.
        n_averaged: samples behind mean and uncertainty; None for the kind's own number, 64 or,
            for "mmse", 256.
        seed: of the samples; None derives it from each image, so that frames of a movie differ.
        metadata: see `Metadata`; `name`, `description`, `authors`, `license` are needed.
        axes: of the test image, such as "YX" or "CYX"; see `DivNoising.posterior`.
        overwrite: whether an existing file may be replaced.
        kind: "full": mean, uncertainty and samples; "mmse": mean and uncertainty of many
            samples; "samples": samples alone.
        truth: clean image of the test image, counts, same shape; the README then says the PSNR.
        noise_report: what `noise_model.report` returned, or its text, for the README.
        **fields: metadata as keywords.

    Returns:
        The path of the zip file.

    Raises:
        InputError: metadata is missing or not valid, the image or a number cannot be used, or
            the file exists. Nothing has been written then.
    """
    described = Metadata.of(metadata, **fields)
    numbers = sample_numbers(kind, n_samples, n_averaged)
    check_trained(model)
    image = _test_input(test_image, axes, model.channels)
    clean = None if truth is None else _test_truth(truth, axes, test_image, model.channels)
    _warn_of_collapse(model, image)
    function = sampling_function(model, *numbers, seed)
    names = description.channel_names(model.channels, numbers)
    validation = Validation(model, image, clean, seed)
    with atomic_path(path, overwrite) as unfinished, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        attachments = _write_keras_model(model, folder)
        weights = {
            "tensorflow_saved_model_bundle": _write_bundle(function, folder),
            "onnx": _write_onnx(model, *numbers, seed, folder),
        }
        _write_test_and_cover(image, names[1], folder)
        validation.write_figure(folder / VALIDATION_NAME)
        (folder / METADATA_NAME).write_text(metadata_text(described), encoding="utf-8")
        attachments += [METADATA_NAME, VALIDATION_NAME]
        readme = readme_text(
            model, described, names[1], numbers, seed, validation.text(), noise_report
        )
        (folder / description.README_NAME).write_text(readme, encoding="utf-8")
        description.write_description(folder, described, model.family, names, weights, attachments)
        _zip_files(unfinished, {file.name: file for file in sorted(folder.iterdir())})
        _check_package(unfinished)
    _logger.info("Wrote the package %s.", path)
    return Path(path)


def _warn_of_collapse(model: VariationalDenoiser, image: np.ndarray) -> None:
    """Say so where the latents do not depend on the test image; an empty image is a reason too."""
    if active_latent_channels(model, image) == 0:
        _logger.warning(
            "No latent channel carries information about the test image: the posterior has "
            "collapsed, and all samples look alike. Show another test image, or train again with "
            "PosteriorCollapse(action='restart')."
        )


def _write_bundle(function: Any, folder: Path) -> dict[str, Any]:
    """Write TensorFlow's weights, the graph's files at the root of a zip file of their own."""
    with tempfile.TemporaryDirectory() as bundle:
        write_saved_model(function, bundle)
        files = [file for file in sorted(Path(bundle).rglob("*")) if file.is_file()]
        names = {file.relative_to(bundle).as_posix(): file for file in files}
        _zip_files(folder / BUNDLE_NAME, names)
    return {"source": BUNDLE_NAME, "tensorflow_version": tf.__version__}


def _write_onnx(
    model: VariationalDenoiser, n_samples: int, n_averaged: int, seed: int | None, folder: Path
) -> dict[str, Any]:
    # onnx is imported only now: it is slow to import, and most users never export
    from divnoising_tf.zoo.onnx_graph import OPSET_VERSION, onnx_model

    written = onnx_model(model, n_samples, n_averaged, seed)
    (folder / ONNX_NAME).write_bytes(written.SerializeToString())
    return {"source": ONNX_NAME, "opset_version": OPSET_VERSION}


def _write_keras_model(model: VariationalDenoiser, folder: Path) -> list[str]:
    """Write what a Keras user needs to sample on or to train on, without optimiser state."""
    bare = type(model).from_config(model.get_config())
    bare.set_weights(model.get_weights())
    bare.save(folder / MODEL_NAME)
    model.noise_model.save(folder / NOISE_MODEL_NAME)
    return [MODEL_NAME, NOISE_MODEL_NAME]


def _write_test_and_cover(image: np.ndarray, names: list[str], folder: Path) -> None:
    """Write the test tensors, the output as the written graph computes it, and the cover."""
    with tempfile.TemporaryDirectory() as bundle:
        with zipfile.ZipFile(folder / BUNDLE_NAME) as archive:
            archive.extractall(bundle)
        served = tf.saved_model.load(bundle).signatures["serving_default"]
        output = served(**{INPUT_NAME: tf.constant(image)})[OUTPUT_NAME].numpy()
    np.save(folder / description.TEST_INPUT_NAME, image)
    np.save(folder / description.TEST_OUTPUT_NAME, output)
    # of several channels the first; what is shown are the first two things of the output
    shown = [place for place, name in enumerate(names) if not _of_other_channel(name)][:2]
    planes = {names[place].partition(",")[0]: output[0, ..., place] for place in shown}
    write_cover(folder / description.COVER_NAME, image[0, ..., 0], planes)


def _of_other_channel(name: str) -> bool:
    _, _, channel = name.partition(", channel ")
    return channel not in ("", "1")


def _test_truth(truth: Any, axes: str | None, test_image: Any, channels: int) -> np.ndarray:
    """Return the part of the clean image that belongs to the test input."""
    if np.shape(truth) != np.shape(test_image):
        raise InputError(
            "The clean image does not belong to the test image.",
            f"shapes {np.shape(truth)} and {np.shape(test_image)}",
            "Give the clean image of the same pixels.",
        )
    return _test_input(truth, axes, channels)


def _test_input(image: Any, axes: str | None, channels: int) -> np.ndarray:
    """Return the central part of a single image as (1, y, x, channel), float32."""
    array = check_image(image)
    if axes is None and channels > 1:
        axes = "CYX"
    planes = to_planes(array, axes)
    planes.require_channels(channels)
    pixels = planes.array
    if len(pixels) != 1 or min(pixels.shape[1:3]) < description.SMALLEST_SIZE:
        raise InputError(
            "This is not a test image of a package.",
            f"{len(pixels)} image(s) of {pixels.shape[1]}×{pixels.shape[2]} pixels",
            f"Give one image of at least {description.SMALLEST_SIZE} pixels in height and width.",
        )
    for axis in (1, 2):
        extra = max(0, pixels.shape[axis] - _LARGEST_TEST_SIZE)
        pixels = np.take(pixels, range(extra // 2, pixels.shape[axis] - (extra - extra // 2)), axis)
    return np.ascontiguousarray(pixels)


def _zip_files(path: Path, files: Mapping[str, Path]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, file in files.items():
            archive.write(file, name)


def _check_package(path: Path) -> None:
    """Read the finished package as its consumers do, before it gets its name."""
    from bioimageio.spec import InvalidDescr, ValidationContext, load_description

    with ValidationContext(perform_io_checks=False, log_warnings=False):
        loaded = load_description(path)
    if isinstance(loaded, InvalidDescr):
        raise InputError(
            "The package is not valid for bioimage.io.",
            loaded.get_reason(),
            "Correct the metadata; if that is not the reason, report this message.",
        )
