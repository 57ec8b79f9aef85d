import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from divnoising_tf.models.divnoising.networks import Decoder
from divnoising_tf.models.layers.upsampling import UpsamplingConvolution, _upsample, strided_kernel


def _with_random_weights(layer, inner, seed):
    layer.build((None, None, None, inner))
    rng = np.random.default_rng(seed)
    layer.set_weights([rng.normal(size=weight.shape) for weight in layer.weights])
    return layer


def _two_steps(layer, inner):
    transposed = keras.layers.Conv2DTranspose(inner, 2, strides=2)
    convolution = keras.layers.Conv2D(layer.filters, 3, padding="same")
    transposed.build((None, None, None, inner))
    convolution.build((None, None, None, inner))
    transposed.set_weights([layer.transposed_kernel, layer.transposed_bias])
    convolution.set_weights([layer.kernel, layer.bias])
    return lambda x: convolution(transposed(x))


@settings(deadline=None, max_examples=15)
@given(
    height=st.integers(1, 9),
    width=st.integers(1, 9),
    inner=st.integers(1, 5),
    filters=st.integers(1, 4),
    seed=st.integers(0, 1000),
)
def test_equals_transposed_convolution_then_convolution(height, width, inner, filters, seed):
    layer = _with_random_weights(UpsamplingConvolution(filters), inner, seed)
    inputs = tf.constant(
        np.random.default_rng(seed).normal(size=(2, height, width, inner)), tf.float32
    )
    expected = _two_steps(layer, inner)(inputs)
    np.testing.assert_allclose(layer(inputs), expected, atol=2e-5 * np.abs(expected).max())


def test_gradients_equal_those_of_the_two_steps():
    layer = _with_random_weights(UpsamplingConvolution(3), 4, seed=0)
    inputs = tf.random.stateless_normal((1, 5, 6, 4), seed=(1, 2))
    direct, reference = tf.Variable(inputs), tf.Variable(inputs)
    with tf.GradientTape(persistent=True) as tape:
        loss = tf.reduce_sum(tf.sin(layer(direct)))
        expected = tf.reduce_sum(tf.sin(_two_steps(layer, 4)(reference)))
    np.testing.assert_allclose(
        tape.gradient(loss, direct), tape.gradient(expected, reference), rtol=1e-3, atol=1e-3
    )


def test_activation_is_applied():
    layer = _with_random_weights(UpsamplingConvolution(3, activation="relu"), 4, seed=0)
    result = layer(tf.random.stateless_normal((1, 5, 6, 4), seed=(1, 2)))
    assert float(tf.reduce_min(result)) == 0.0
    assert float(tf.reduce_max(result)) > 0.0


def test_output_shape_is_declared():
    assert UpsamplingConvolution(3).compute_output_shape((None, 4, None, 8)) == (None, 8, None, 3)


@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
def test_round_trip_of_the_configuration(dtype):
    layer = UpsamplingConvolution(3, activation="relu", dtype=dtype)
    again = UpsamplingConvolution.from_config(layer.get_config())
    assert again.get_config() == layer.get_config()


@settings(deadline=None, max_examples=10)
@given(
    height=st.integers(1, 6),
    width=st.integers(1, 6),
    inner=st.integers(1, 4),
    filters=st.integers(1, 3),
    seed=st.integers(0, 1000),
)
def test_training_changes_neither_the_result_nor_the_gradients(height, width, inner, filters, seed):
    layer = _with_random_weights(UpsamplingConvolution(filters), inner, seed)
    rng = np.random.default_rng(seed)
    inputs = tf.constant(rng.normal(size=(2, height, width, inner)), tf.float32)
    found = []
    for training in (False, True):
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            outputs = layer(inputs, training=training)
            loss = tf.reduce_sum(tf.sin(outputs))
        gradients = tape.gradient(loss, [inputs, *(one.value for one in layer.weights)])
        found.append([outputs, *gradients])
    for plain, fast in zip(*found, strict=True):
        scale = max(1.0, float(tf.reduce_max(tf.abs(plain))))
        np.testing.assert_allclose(fast, plain, rtol=0, atol=1e-5 * scale)


def test_strided_kernel_gives_the_same_map():
    kernel = tf.random.stateless_normal((2, 2, 3, 4 * 5), seed=(1, 2))
    inputs = tf.random.stateless_normal((2, 6, 7, 3), seed=(3, 4))
    transposed = tf.nn.conv2d_transpose(inputs, strided_kernel(kernel), (2, 12, 14, 5), 2, "SAME")
    np.testing.assert_allclose(transposed, _upsample(inputs, kernel), atol=1e-5)


def test_training_of_a_model_takes_the_fast_gradients():
    decoder = Decoder(depth=2, base_channels=4)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(decoder(tf.ones((1, 4, 4, 6)), training=True))
    tape.gradient(loss, [one.value for one in decoder.trainable_weights])
    graph = tf.function(lambda x: decoder(x, training=True)).get_concrete_function(
        tf.TensorSpec((1, 4, 4, 6))
    )
    marked = [op.type for op in graph.graph.get_operations()].count("IdentityN")
    exported = tf.function(decoder).get_concrete_function(tf.TensorSpec((1, 4, 4, 6)))
    assert marked == 2
    assert "IdentityN" not in {op.type for op in exported.graph.get_operations()}
