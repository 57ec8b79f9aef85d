import keras
import numpy as np
import tensorflow as tf

from divnoising_tf.models.divnoising.networks import Encoder
from divnoising_tf.models.layers.heads import Head


def _head(filters=3, inner=4):
    head = Head(filters, bias=-1.0)
    head.build((None, None, None, inner))
    return head


def _features(dtype=tf.bfloat16):
    return tf.cast(tf.random.stateless_normal((2, 7, 6, 4), seed=(1, 2)), dtype)


def test_result_is_that_of_a_float32_convolution_of_the_features():
    head = _head()
    plain = keras.layers.Conv2D(3, 3, padding="same")
    plain.build((None, None, None, 4))
    plain.set_weights(head.get_weights())
    expected = plain(tf.cast(_features(), tf.float32))
    for training in (False, True):
        result = head(_features(), training=training)
        assert result.dtype == tf.float32
        np.testing.assert_allclose(result, expected, rtol=0, atol=1e-5)


def _gradients(head, features):
    with tf.GradientTape() as tape:
        tape.watch(features)
        loss = tf.reduce_sum(tf.sin(head(features, training=True)))
    return tape.gradient(loss, [features, *(one.value for one in head.weights)])


def test_gradients_of_bfloat16_features_are_those_of_float32_but_for_rounding():
    head = _head()
    fast = _gradients(head, _features())
    exact = _gradients(head, tf.cast(_features(), tf.float32))
    assert [one.dtype for one in fast] == [tf.bfloat16, tf.float32, tf.float32]
    for one, other in zip(fast, exact, strict=True):
        scale = float(tf.reduce_max(tf.abs(other)))
        np.testing.assert_allclose(tf.cast(one, tf.float32), other, rtol=0, atol=0.02 * scale)


def test_training_in_bfloat16_takes_the_fast_gradients_and_nothing_else_does():
    for dtype, training, marked in (
        ("mixed_bfloat16", True, 2),
        ("mixed_bfloat16", False, 0),
        ("float32", True, 0),
    ):
        encoder = Encoder(depth=1, latent_channels=2, base_channels=4, dtype=dtype)
        encoder.build((None, None, None, 1))
        graph = tf.function(encoder).get_concrete_function(
            tf.TensorSpec((1, 8, 8, 1)), training=training
        )
        found = [op.type for op in graph.graph.get_operations()].count("IdentityN")
        assert found == marked, (dtype, training)


def test_begins_with_its_bias_everywhere():
    head = Head(2, "zeros", bias=-4.0)
    np.testing.assert_array_equal(head(_features()), np.full((2, 7, 6, 2), -4.0))


def test_round_trip_of_the_configuration():
    head = Head(3, "he_normal", bias=-2.0, name="one")
    again = Head.from_config(head.get_config())
    assert again.get_config() == head.get_config()
    assert again.compute_dtype == "float32"
