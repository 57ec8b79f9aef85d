import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from divnoising_tf.errors import InputError
from divnoising_tf.noise_models import (
    ChannelwiseNoiseModel,
    GaussianMixtureNoiseModel,
    GaussianNoiseModel,
    HistogramNoiseModel,
    NoiseModel,
    PoissonGaussianNoiseModel,
)


def _models():
    random = np.random.default_rng(0)
    histogram = HistogramNoiseModel((0, 100), (-50, 150), random.random((4, 20)) + 0.1)
    mixture = GaussianMixtureNoiseModel(
        (0, 100), 2, 3, random.normal(2, 0.5, (6, 3)), min_variance=0.5, trainable=True
    )
    return [
        GaussianNoiseModel(3.7, signal_range=(1, 99), trainable=True),
        mixture,
        PoissonGaussianNoiseModel(1.7, 12.0, 3.3, "exact", signal_range=(12, 90)),
        histogram,
        ChannelwiseNoiseModel([GaussianNoiseModel(2.0, trainable=True), mixture]),
    ]


@pytest.fixture(params=_models(), ids=lambda model: type(model).__name__)
def model(request):
    return request.param


class Likelihood(keras.layers.Layer):
    """Calls a noise model where Keras casts weights to the policy's type."""

    def __init__(self, noise_model):
        super().__init__(autocast=False)
        self.noise_model = noise_model

    def call(self, signal):
        return self.noise_model.log_prob(signal + 1, signal)


def assert_equal(one, other):
    assert type(one) is type(other)
    assert repr(one) == repr(other)
    assert one.trainable == other.trainable
    assert one.signal_range == other.signal_range
    signal = np.linspace(5, 95, 20, dtype=np.float32).reshape(10, 2)
    observation = signal[::-1].copy()
    np.testing.assert_allclose(
        one.log_prob(observation, signal), other.log_prob(observation, signal), rtol=1e-4
    )


def test_saved_models_are_loaded_equal(model, tmp_path):
    path = tmp_path / "noise.json"
    model.save(path)
    assert_equal(model, NoiseModel.load(path))
    json.loads(path.read_text())
    with pytest.raises(InputError, match="exists already"):
        model.save(path)


def test_keras_serialises_them(model):
    content = json.loads(json.dumps(keras.saving.serialize_keras_object(model)))
    assert_equal(model, keras.saving.deserialize_keras_object(content))


def test_present_values_are_saved(model):
    for weight in model.weights:
        weight.assign(weight.numpy() + 0.1 * np.arange(weight.numpy().size).reshape(weight.shape))
    assert_equal(model, type(model).from_config(model.get_config()))


def test_they_work_in_graphs_and_stay_float32(model):
    signal = tf.fill((4, 5, 2), 50.0)
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        copy = type(model).from_config(model.get_config())
        log_prob = tf.function(Likelihood(copy))(signal)
    finally:
        keras.config.set_dtype_policy("float32")
    assert log_prob.dtype == tf.float32
    np.testing.assert_allclose(log_prob, model.log_prob(signal + 1, signal), rtol=1e-4)
    assert tf.function(lambda s: model.sample(s, seed=1))(signal).shape == signal.shape


def test_description_says_units_and_range(model):
    description = repr(model)
    assert description.startswith(type(model).__name__)
    assert "counts" in description
    assert "signal" in description


def test_freezing_leaves_nothing_to_learn(model):
    copy = type(model).from_config(model.get_config())
    copy.trainable = False
    assert copy.trainable_weights == []
    copy.trainable = True
    assert copy.trainable_weights


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{}",
        "[1]",
        '{"format": "divnoising_tf noise model", "class": "None", "config": {}}',
        '{"format": "divnoising_tf noise model", "class": "GaussianNoiseModel", "config": {}}',
        '{"format": "divnoising_tf noise model", "class": "GaussianMixtureNoiseModel", '
        '"config": {"signal_range": [0, 1], "coefficients": "x"}}',
    ],
)
def test_other_files_are_refused(tmp_path, content):
    path = tmp_path / "noise.json"
    path.write_text(content)
    with pytest.raises(InputError):
        NoiseModel.load(path)
