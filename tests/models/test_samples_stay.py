"""A model from before there were several levels of latents draws the samples that it drew then."""

import keras
import numpy as np
import onnxruntime
import pytest
from helpers.keras_files import ARTEFACTS, unzipped

from divnoising_tf import load_model
from divnoising_tf.zoo import sampling_function
from divnoising_tf.zoo.onnx_graph import onnx_model

# counts; of sums in another order, on another processor
_ROUNDING = 1e-3


@pytest.fixture(scope="module")
def before():
    with np.load(ARTEFACTS / "samples-before-levels.npz") as arrays:
        return dict(arrays)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return load_model(unzipped("keras-3.15.1", tmp_path_factory.mktemp("old")) / "divnoising.keras")


def _assert_close(found, expected):
    assert expected.std() > 1
    np.testing.assert_allclose(found, expected, atol=_ROUNDING)


def test_samples_moments_and_pairs(model, before):
    posterior = model.posterior(before["image"], seed=11)
    _assert_close(posterior.sample(3), before["samples"])
    mean, deviation = posterior.moments(6)
    _assert_close(mean, before["mean"])
    np.testing.assert_allclose(deviation, before["deviation"], atol=_ROUNDING)
    _assert_close(posterior.moments(6, antithetic=True).mean, before["pairs_mean"])


def test_samples_in_tiles(model, before):
    _assert_close(
        model.posterior(before["image"], seed=11, tile_size=16).sample(1), before["tiled"]
    )


def test_images_of_the_prior(model, before):
    _assert_close(model.generate((21, 18), 2, seed=5), before["prior"])


def test_both_exported_graphs(model, before):
    images = before["image"][np.newaxis, ..., np.newaxis]
    found = sampling_function(model, 2, 4, seed=3)(keras.ops.convert_to_tensor(images))
    _assert_close(found[0], before["graph"])
    session = onnxruntime.InferenceSession(onnx_model(model, 2, 4, seed=3).SerializeToString())
    _assert_close(session.run(None, {"input": images})[0][0], before["graph"])
