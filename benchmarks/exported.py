"""Samples per second of exported graphs against the Python posterior in float32.

Encoding and random numbers included, mean and standard deviation out.
"""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import divnoising_tf as dn
from benchmarks import subjects
from benchmarks.images import images
from benchmarks.rounds import Work, compared, rates
from measuring.machine import cores

_PYTHON = "Python posterior, float32"


def rows(quick: bool) -> list[dict[str, Any]]:
    """Return the rows of the table."""
    size, each, rounds = (64, 4, 1) if quick else (512, 16, 5)
    image = images(1, size)[0]
    model = subjects.model(2, "float32")

    def python() -> int:
        model.posterior(image, seed=None).moments(each)
        return each

    with tempfile.TemporaryDirectory() as folder, _inside(folder):
        works: dict[str, Work] = {
            _PYTHON: python,
            "SavedModel, TensorFlow": _saved_model(model, image, each, Path(folder) / "saved"),
            "ONNX Runtime": _onnx_runtime(model, image, each),
        }
        package = dn.zoo.export(
            model,
            Path(folder) / "package.zip",
            test_image=image,
            n_averaged=each,
            kind="mmse",
            name="Benchmark",
            description="Measures speed.",
            authors=["The divnoising_tf developers"],
            license="CC-BY-4.0",
        )
        for weights in ("tensorflow_saved_model_bundle", "onnx"):
            name = f"bioimageio.core, {'ONNX' if weights == 'onnx' else 'SavedModel'}"
            works[name] = _bioimageio(package, weights, image, each)
        found = compared(rates(works, rounds), _PYTHON)
    return [{"work": f"exported graph, {size}² image, depth 2", **row} for row in found]


@contextlib.contextmanager
def _inside(folder: str) -> Iterator[None]:
    """Work in a folder: bioimageio.core unpacks weights into the working directory."""
    before = os.getcwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def _saved_model(model: dn.DivNoising, image: np.ndarray, each: int, folder: Path) -> Work:
    import tensorflow as tf

    from divnoising_tf.zoo.sampling_graph import sampling_function, write_saved_model

    write_saved_model(sampling_function(model, 0, each), folder)
    loaded = tf.saved_model.load(str(folder))
    given = tf.constant(image[np.newaxis, ..., np.newaxis])

    def work() -> int:
        loaded.signatures["serving_default"](input=given)["output"].numpy()
        return each

    return work


def _onnx_runtime(model: dn.DivNoising, image: np.ndarray, each: int) -> Work:
    import onnxruntime

    from divnoising_tf.zoo.onnx_graph import onnx_model

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = cores()
    proto = onnx_model(model, 0, each).SerializeToString()
    session = onnxruntime.InferenceSession(proto, options)
    given = {"input": image[np.newaxis, ..., np.newaxis]}

    def work() -> int:
        session.run(None, given)
        return each

    return work


def _bioimageio(package: Path, weights: str, image: np.ndarray, each: int) -> Work:
    from bioimageio.core import create_prediction_pipeline, load_model_description
    from bioimageio.core.digest_spec import create_sample_for_model

    description = load_model_description(package, perform_io_checks=False)
    pipeline = create_prediction_pipeline(description, weights_format=weights)
    given = {description.inputs[0].id: image[np.newaxis, ..., np.newaxis]}
    sample = create_sample_for_model(description, inputs=given)

    def work() -> int:
        pipeline.predict_sample_without_blocking(sample)
        return each

    return work
