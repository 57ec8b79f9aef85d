"""What the runtimes differ by is the rounding of float32, whose grain the offset of counts sets."""

import keras
import numpy as np
import onnxruntime
import pytest
import tensorflow as tf
from onnx import TensorProto, helper

from divnoising_tf.models.divnoising.networks import Decoder
from divnoising_tf.models.divnoising.onnx import decoded
from divnoising_tf.onnx_nodes.nodes import Graph

LATENT_CHANNELS = 64
# counts: an image that varies little on a large offset, as of a model that has not been trained
OFFSET, SCALE = 100.0, 20.0


def in_float64(decoder, latent):
    """Decode with the two steps of each upsampling, as they are defined."""

    def convolution(features, kernel, bias):
        kernel, bias = (np.asarray(one, np.float64) for one in (kernel, bias))
        return tf.nn.conv2d(features, kernel, 1, "SAME") + bias

    entry, levels = decoder.convolutions()
    features = tf.nn.relu(convolution(latent.astype(np.float64), *entry.get_weights()))
    for layer, upsampling in levels:
        features = tf.nn.relu(convolution(features, *layer.get_weights()))
        transposed, transposed_bias, *second = upsampling.get_weights()
        _, height, width, inner = features.shape
        shape = (1, 2 * height, 2 * width, inner)
        features = tf.nn.conv2d_transpose(features, transposed.astype(np.float64), shape, 2)
        features = convolution(features + transposed_bias.astype(np.float64), *second)
        if upsampling.activation == "relu":
            features = tf.nn.relu(features)
    return features.numpy()[..., 0]


def in_onnx_runtime(decoder, latent):
    graph = Graph()
    given = graph.tensor("latent")
    signal = decoded(decoder, given, given.size(2), given.size(3))
    tensors = [
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)]
        for name, shape in (("latent", (1, LATENT_CHANNELS, None, None)), (signal.name, None))
    ]
    opset = [helper.make_opsetid("", 17)]
    model = helper.make_model(graph.proto(*tensors), opset_imports=opset, ir_version=8)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    return session.run(None, {"latent": latent.transpose(0, 3, 1, 2)})[0][:, 0]


@pytest.mark.parametrize("depth", [2, 3])
def test_differences_between_runtimes_are_rounding(depth, record_property):
    keras.utils.set_random_seed(3)
    decoder = Decoder(depth=depth)
    decoder.build((None, None, None, LATENT_CHANNELS))
    latent = np.random.default_rng(0).normal(size=(1, 16, 16, LATENT_CHANNELS)).astype(np.float32)
    exact = in_float64(decoder, latent)
    signals = {
        "TensorFlow": decoder(latent).numpy()[..., 0],
        "ONNX Runtime": in_onnx_runtime(decoder, latent),
    }
    grain = np.spacing(np.float32(OFFSET)) / SCALE
    for name, signal in signals.items():
        normalised = np.abs(signal - exact).max() / exact.std()
        counts = signal * np.float32(SCALE) + np.float32(OFFSET)
        in_counts = np.abs(counts - (SCALE * exact + OFFSET)).max() / (SCALE * exact.std())
        record_property(name, f"{normalised:.1e} normalised, {in_counts:.1e} in counts")
        assert normalised < 2e-5
        # the product and the sum round to the grain, half of it at most each
        assert in_counts < normalised + 1.01 * grain / exact.std()
    record_property("grain", f"{grain / exact.std():.1e}")
