"""The ONNX model draws the samples of the TensorFlow graph, in ONNX Runtime's newest release."""

import itertools
import subprocess
import sys

import keras
import numpy as np
import onnx
import onnxruntime
import pytest
import tensorflow as tf
from onnx import TensorProto, helper

from divnoising_tf.errors import InputError
from divnoising_tf.latent_noise import onnx as onnx_latent_noise
from divnoising_tf.latent_noise.noise import (
    PRIME,
    hash_words,
    latent_noise,
    plane_seed,
    seeds_of_images,
)
from divnoising_tf.models.divnoising.model import DivNoising
from divnoising_tf.noise_models import GaussianNoiseModel
from divnoising_tf.onnx_nodes.nodes import Graph, loop
from divnoising_tf.zoo.onnx_graph import onnx_model
from divnoising_tf.zoo.sampling_graph import sampling_function

MEAN, DEVIATION = 100.0, 20.0
SHAPES = [(1, 1, 1), (1, 33, 47), (1, 64, 64), (2, 9, 2)]
TYPES = {np.float32: TensorProto.FLOAT, np.int64: TensorProto.INT64}


def small_model(channels=1, depth=2, **kwargs):
    """Return a model whose biases are not zero, which is where borders go wrong."""
    keras.utils.set_random_seed(3)
    model = DivNoising(
        GaussianNoiseModel(5.0),
        depth=depth,
        latent_channels=5,
        base_channels=8,
        channels=channels,
        data_mean=[MEAN + 50 * channel for channel in range(channels)],
        data_standard_deviation=DEVIATION,
        **kwargs,
    )
    rng = np.random.default_rng(1)
    for network in (model.encoder, model.decoder):
        weights = network.get_weights()
        network.set_weights(
            [one + rng.normal(0, 0.3, one.shape) if one.ndim == 1 else one for one in weights]
        )
    return model


def noisy(*shape):
    return np.random.default_rng(0).normal(MEAN, DEVIATION, shape).astype(np.float32)


def in_runtime(model_proto, **inputs):
    session = onnxruntime.InferenceSession(model_proto.SerializeToString())
    return session.run(None, inputs)


def evaluated(build, **inputs):
    """Run nodes that a function adds to a graph with these inputs, and return their values."""
    inputs = {name: np.asarray(values) for name, values in inputs.items()}
    graph = Graph()
    types = {name: TYPES[values.dtype.type] for name, values in inputs.items()}
    results = build(*(graph.tensor(name) for name in inputs))
    proto = helper.make_model(
        graph.proto(
            [
                helper.make_tensor_value_info(name, types[name], values.shape)
                for name, values in inputs.items()
            ],
            [helper.make_tensor_value_info(one.name, TYPES[dtype], None) for one, dtype in results],
        ),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=8,
    )
    return in_runtime(proto, **inputs)


def all_nodes(graph):
    """Yield the nodes of a graph and of the loops in it."""
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                yield from all_nodes(attribute.g)


def assert_same_samples(actual, expected, channels=1):
    assert actual.shape == expected.shape
    assert actual.dtype == np.float32
    signal = expected[..., :channels]
    # one pixel has no deviation of its own
    deviation = signal.std() if signal[..., 0].size > 1 else DEVIATION
    np.testing.assert_allclose(actual, expected, atol=1e-4 * deviation, rtol=0)


@pytest.fixture(scope="module")
def model():
    return small_model()


@pytest.fixture(scope="module")
def written(model):
    return onnx_model(model, n_samples=3, n_averaged=7)


@pytest.mark.parametrize("seed", [None, 11, -5, 2**40])
@pytest.mark.parametrize(("depth", "channels"), [(1, 1), (2, 1), (2, 2), (3, 1)])
def test_draws_the_samples_of_the_tensorflow_graph(depth, channels, seed):
    model = small_model(channels, depth)
    reference = sampling_function(model, 3, 7, seed)
    session = onnxruntime.InferenceSession(onnx_model(model, 3, 7, seed).SerializeToString())
    for shape in SHAPES:
        images = noisy(*shape, channels)
        (output,) = session.run(["output"], {"input": images})
        assert_same_samples(output, reference(images).numpy(), channels)


@pytest.mark.parametrize(("n_samples", "n_averaged"), [(0, 5), (3, 0), (1, 2), (4, 4)])
def test_mean_or_samples_alone_equal_the_tensorflow_graph(model, n_samples, n_averaged):
    image = noisy(2, 13, 10, 1)
    expected = sampling_function(model, n_samples, n_averaged)(image).numpy()
    (output,) = in_runtime(onnx_model(model, n_samples, n_averaged), input=image)
    assert_same_samples(output, expected)


def test_draws_the_samples_of_the_posterior(model, written):
    image = noisy(1, 18, 21, 1)
    posterior = model.posterior(image[0, ..., 0], seed=None)
    mean, deviation = posterior.moments(7)
    expected = np.stack([mean, deviation, *posterior.sample(3)], axis=-1)
    assert_same_samples(in_runtime(written, input=image)[0][0], expected)


def test_bfloat16_model_is_written_in_float32():
    model = small_model(dtype="mixed_bfloat16")
    plain = small_model()
    plain.set_weights(model.get_weights())
    image = noisy(1, 12, 13, 1)
    (output,) = in_runtime(onnx_model(model, 2, 3), input=image)
    assert_same_samples(output, sampling_function(plain, 2, 3)(image).numpy())


def test_sample_does_not_change_with_their_number(model):
    image = noisy(1, 12, 20, 1)
    numbers = [(2, 3), (3, 3), (3, 20)]
    few, all_kept, many = (
        in_runtime(onnx_model(model, *counts), input=image)[0] for counts in numbers
    )
    np.testing.assert_allclose(few[..., 2:], many[..., 2:4], rtol=1e-6)
    np.testing.assert_allclose(all_kept[..., 2:], many[..., 2:], rtol=1e-6)
    # the same three samples, in another order
    np.testing.assert_allclose(few[..., :2], all_kept[..., :2], atol=1e-4)
    assert np.abs(few[..., :2] - many[..., :2]).max() > 1e-3


def test_samples_are_independent(model):
    size = 64
    (output,) = in_runtime(onnx_model(model, 8, 64), input=noisy(2, size, size, 1))
    residuals = np.moveaxis(output[..., 2:] - output[..., :1], -1, 1).reshape(16, size, size)
    residuals = residuals[:, 8:-8, 8:-8]
    residuals -= residuals.mean(axis=(1, 2), keepdims=True)
    spectra = np.fft.rfft2(residuals / np.linalg.norm(residuals, axis=(1, 2), keepdims=True))
    for one, other in itertools.combinations(spectra, 2):
        # correlation at every shift: samples are not shifted copies of one another either
        correlation = np.fft.irfft2(one * other.conj(), residuals.shape[1:])
        assert abs(correlation[0, 0]) < 0.2
        assert np.abs(correlation).max() < 0.5


@pytest.mark.parametrize("channels", [1, 6, 7])
@pytest.mark.parametrize("sample", [0, 2_000_000_000])
def test_noise_is_bit_for_bit_that_of_python(channels, sample):
    seeds = np.array([0, 5, PRIME - 1, 1217894019])

    def build(*arguments):
        return [(onnx_latent_noise.latent_noise(*arguments, channels), np.float32)]

    (noise,) = evaluated(build, seeds=seeds, sample=sample, height=9, width=14)
    expected = latent_noise(tf.constant(seeds), sample, 9, 14, channels)
    np.testing.assert_array_equal(noise.transpose(0, 2, 3, 1), expected)


def test_hashes_are_the_integers_of_python():
    keys, words = np.array([0, 1, PRIME - 1, 77]), np.array([0, 5, PRIME - 1, 314159])

    def build(keys, words):
        return [(hash_words(keys, words, 3, words), np.int64)]

    (hashes,) = evaluated(build, keys=keys, words=words)
    expected = [
        hash_words(int(key), int(word), 3, int(word)) for key, word in zip(keys, words, strict=True)
    ]
    assert hashes.tolist() == expected


@pytest.mark.parametrize("shape", [(3, 1, 1, 1), (2, 33, 47, 1), (1, 20, 31, 3)])
def test_seeds_of_images_are_the_integers_of_python(shape):
    images = np.random.default_rng(0).normal(0, 1e5, shape).astype(np.float32)
    images[0, 0, 0, 0] = 3e38
    images[-1, -1, -1, -1] = -3e38
    (seeds,) = evaluated(
        lambda images: [(onnx_latent_noise.seeds_of_images(images), np.int64)], images=images
    )
    np.testing.assert_array_equal(seeds, seeds_of_images(images))


@pytest.mark.parametrize("seed", [0, 7, -3, 2**70])
def test_seeds_of_planes_are_the_integers_of_python(seed):
    (seeds,) = evaluated(
        lambda batch: [(onnx_latent_noise.plane_seeds(seed, batch), np.int64)], batch=4
    )
    assert seeds.tolist() == [int(plane_seed(seed, plane)) for plane in range(4)]


def test_is_for_the_runtimes_that_fiji_and_the_browser_have(written):
    assert [(one.domain, one.version) for one in written.opset_import] == [("", 17)]
    assert written.ir_version == 8
    onnx.checker.check_model(written, full_check=True)
    assert {node.domain for node in all_nodes(written.graph)} == {""}
    (given,), (result,) = written.graph.input, written.graph.output
    assert (given.name, result.name) == ("input", "output")
    for tensor, channels in ((given, 1), (result, 5)):
        shape = tensor.type.tensor_type.shape.dim
        assert [one.dim_param or one.dim_value for one in shape] == ["batch", "y", "x", channels]


def test_graph_does_not_grow_with_the_samples(written, model):
    few, many = (
        [node.op_type for node in all_nodes(one.graph)]
        for one in (written, onnx_model(model, 8, 4000))
    )
    assert few == many
    # the decoder is in the graph once: six convolutions of the encoder, two of biases
    assert many.count("Conv") == 6 + 2 + 5
    weights = model.encoder.count_params() + model.decoder.count_params()
    # composed kernels are at most 16/13 of the two that they are made of; the table is the rest
    assert written.ByteSize() < 4 * (1.25 * weights + 46_340) + 30_000


def test_memory_does_not_grow_with_the_samples_averaged(model, tmp_path):
    megabytes = []
    for n_averaged in (4, 200):
        path = tmp_path / f"{n_averaged}.onnx"
        path.write_bytes(onnx_model(model, 2, n_averaged).SerializeToString())
        program = (
            "import resource, numpy, onnxruntime\n"
            f"session = onnxruntime.InferenceSession({str(path)!r})\n"
            "session.run(None, {'input': numpy.zeros((1, 256, 256, 1), numpy.float32)})\n"
            "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=True,
            timeout=600,
        )
        megabytes.append(float(done.stdout))
    # 196 more samples are 49 megabytes
    assert megabytes[1] - megabytes[0] < 10


def test_loop_hoists_what_does_not_change_in_it():
    """A square that is the same in every run is computed before the loop."""

    def build(start, step):
        def body(run, total):
            return [total + step * step + run], [(total * 1, np.int64)]

        total, kept = loop(3, [(start, np.int64)], body)
        assert [node.op_type for node in start.graph.proto([], []).node] == ["Mul", "Loop"]
        return [(total, np.int64), (kept, np.int64)]

    total, kept = evaluated(build, start=1, step=2)
    assert (total, kept.tolist()) == (16, [1, 5, 10])


@pytest.mark.parametrize(("n_samples", "n_averaged"), [(0, 0), (5, 4), (1, 1)])
def test_refuses_numbers_of_samples_without_meaning(model, n_samples, n_averaged):
    with pytest.raises(InputError, match="numbers of samples"):
        onnx_model(model, n_samples, n_averaged)
