import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from divnoising_tf import InputError
from divnoising_tf.models.checks import check_architecture
from divnoising_tf.models.divnoising.networks import Decoder, Encoder
from divnoising_tf.models.padding import crop_to, pad_to_multiple


@pytest.mark.parametrize(("depth", "parameters"), [(2, 261_281), (3, 880_417)])
def test_number_of_parameters_is_that_of_the_published_network(depth, parameters):
    encoder, decoder = Encoder(depth), Decoder(depth)
    mean, _ = encoder(tf.zeros((1, 16, 16, 1)))
    decoder(mean)
    assert encoder.count_params() + decoder.count_params() == parameters


@pytest.mark.parametrize("depth", [1, 2, 3])
@pytest.mark.parametrize("channels", [1, 3])
def test_shapes(depth, channels):
    images = tf.zeros((2, 16, 24, channels))
    mean, log_variance = Encoder(depth, latent_channels=5, base_channels=4)(images)
    assert mean.shape == log_variance.shape == (2, 16 // 2**depth, 24 // 2**depth, 5)
    assert Decoder(depth, channels, base_channels=4)(mean).shape == images.shape


def test_heads_and_image_are_float32_in_mixed_precision():
    mean, log_variance = Encoder(dtype="mixed_bfloat16")(tf.ones((1, 8, 8, 1)))
    image = Decoder(dtype="mixed_bfloat16")(mean)
    assert mean.dtype == log_variance.dtype == image.dtype == tf.float32


def _plain(features, layer):
    return tf.nn.conv2d(features, layer.kernel.value, 1, "SAME") + layer.bias.value


def test_encoder_is_the_published_one_where_the_relu_comes_before_the_pooling():
    encoder = Encoder(depth=2, latent_channels=3, base_channels=4)
    encoder.build((None, None, None, 1))
    levels, heads = encoder.convolutions()
    images = tf.random.stateless_normal((2, 8, 12, 1), seed=(1, 2))

    def published(features):
        for level in levels:
            for layer in level:
                features = tf.nn.relu(_plain(features, layer))
            features = tf.nn.max_pool2d(features, 2, 2, "VALID")
        return [_plain(features, head) for head in heads]

    found = []
    for network in (encoder, published):
        with tf.GradientTape() as tape:
            mean, log_variance = network(images)
            loss = tf.reduce_sum(tf.sin(mean) + log_variance**2)
        gradients = tape.gradient(loss, [one.value for one in encoder.weights])
        found.append([mean, log_variance, *gradients])
    for one, other in zip(*found, strict=True):
        scale = float(tf.reduce_max(tf.abs(other)))
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-5 * scale)


def test_log_variance_stays_usable():
    encoder = Encoder(depth=1, latent_channels=2, base_channels=2)
    _, log_variance = encoder(1e20 * tf.ones((1, 4, 4, 1)))
    assert np.all(np.isfinite(np.exp(log_variance)))
    assert np.all(np.isfinite(np.exp(-log_variance)))


@settings(deadline=None, max_examples=25)
@given(height=st.integers(1, 20), width=st.integers(1, 20), multiple=st.sampled_from([1, 2, 4, 8]))
def test_padding_mirrors_any_size(height, width, multiple):
    image = np.random.default_rng(0).normal(size=(2, height, width, 3)).astype(np.float32)
    padded = pad_to_multiple(image, multiple).numpy()
    added = [(0, 0), (0, -height % multiple), (0, -width % multiple), (0, 0)]
    np.testing.assert_array_equal(padded, np.pad(image, added, mode="symmetric"))
    np.testing.assert_array_equal(crop_to(padded, image), image)


def test_padding_works_where_the_size_is_not_known_beforehand():
    padding = tf.function(
        lambda image: pad_to_multiple(image, 4),
        input_signature=[tf.TensorSpec((None, None, None, 1))],
    )
    assert padding(tf.zeros((1, 5, 1, 1))).shape == (1, 8, 4, 1)
    assert padding(tf.zeros((1, 8, 4, 1))).shape == (1, 8, 4, 1)


def test_nothing_is_cropped_where_sizes_are_known_to_be_equal():
    def operations(size):
        specification = tf.TensorSpec((None, size, size, 1))
        function = tf.function(lambda image: crop_to(tf.zeros((2, 8, 8, 1)), image))
        graph = function.get_concrete_function(specification).graph
        return {operation.type for operation in graph.get_operations()}

    assert "StridedSlice" not in operations(8)
    assert "StridedSlice" in operations(None)


@pytest.mark.parametrize("value", [0, -1, 2.0, True, "2"])
def test_architecture_is_refused_with_the_name_of_the_size(value):
    with pytest.raises(InputError, match="depth must be a whole number"):
        check_architecture(depth=value)
