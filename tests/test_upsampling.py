import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from divnoising_tf.upsampling import UpsamplingConvolution


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
