"""The exported graph gives the numbers of plain Python, in a session as old consumers use it."""

import json
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers.static_gate import graph_nodes, operations_of_tensorflow_2_7, unknown_operations

from divnoising_tf.errors import InputError
from divnoising_tf.latent_noise.noise import latent_noise, plane_seed, seed_of_image
from divnoising_tf.models.divnoising.model import DivNoising
from divnoising_tf.noise_models import GaussianNoiseModel
from divnoising_tf.zoo.sampling_graph import sampling_function, write_saved_model

MEAN, DEVIATION = 100.0, 20.0
SIZES = [(1, 1), (33, 47), (64, 64)]


def small_model(channels=1, **kwargs):
    keras.utils.set_random_seed(3)
    return DivNoising(
        GaussianNoiseModel(5.0),
        depth=2,
        latent_channels=6,
        base_channels=8,
        channels=channels,
        data_mean=[MEAN + 50 * channel for channel in range(channels)],
        data_standard_deviation=DEVIATION,
        **kwargs,
    )


def noisy(*shape):
    return np.random.default_rng(0).normal(MEAN, DEVIATION, shape).astype(np.float32)


def python_samples(model, image, seed, n):
    """Samples of one image (y, x, channel), step by step in NumPy."""
    height, width, _ = image.shape
    padding = [(0, -size % model.multiple) for size in (height, width)]
    padded = np.pad(image, [*padding, (0, 0)], mode="symmetric")
    normalised = (padded - model.data_mean) / model.data_standard_deviation
    mean, log_variance = (one.numpy()[0] for one in model.encoder(normalised[np.newaxis]))
    samples = []
    for k in range(n):
        latent = mean + np.exp(0.5 * log_variance) * latent_noise(seed, k, *mean.shape).numpy()
        signal = model.decoder(latent[np.newaxis]).numpy()[0]
        signal = signal * model.data_standard_deviation + model.data_mean
        samples.append(signal[:height, :width])
    return np.stack(samples)


def python_output(model, image, seed, n_samples, n_averaged):
    samples = python_samples(model, image, seed, n_averaged)
    moments = [samples.mean(axis=0), samples.std(axis=0, ddof=1)]
    return np.concatenate([*moments, *samples[:n_samples]], axis=-1)


def in_session(folder, *images):
    """Run a SavedModel as TF-Java does: by the names in its signature, from a session."""
    with tf.Graph().as_default() as graph, tf.compat.v1.Session(graph=graph) as session:
        loaded = tf.compat.v1.saved_model.load(session, ["serve"], str(folder))
        signature = loaded.signature_def["serving_default"]
        assert list(signature.inputs) == ["input"]
        assert list(signature.outputs) == ["output"]
        feed, fetch = signature.inputs["input"].name, signature.outputs["output"].name
        return [session.run(fetch, {feed: image}) for image in images]


@pytest.fixture(scope="module")
def model():
    return small_model()


@pytest.fixture(scope="module")
def saved_model(model, tmp_path_factory):
    folder = tmp_path_factory.mktemp("bundle")
    write_saved_model(sampling_function(model, n_samples=3, n_averaged=7), folder)
    return folder


def assert_same_samples(actual, expected):
    assert actual.shape == expected.shape
    assert actual.dtype == np.float32
    signal_deviation = max(expected[..., 0].std(), 1e-3 * DEVIATION)
    np.testing.assert_allclose(actual, expected, atol=1e-3 * signal_deviation, rtol=0)


def test_session_gives_the_numbers_of_python(model, saved_model):
    images = [noisy(1, *size, 1) for size in SIZES]
    for image, output in zip(images, in_session(saved_model, *images), strict=True):
        seed = seed_of_image(image[0])
        assert_same_samples(output[0], python_output(model, image[0], seed, 3, 7))


def test_images_of_a_batch_are_sampled_as_if_alone(model, saved_model):
    batch = noisy(2, 33, 47, 1)
    together, first, second = in_session(saved_model, batch, batch[:1], batch[1:])
    assert_same_samples(together, np.concatenate([first, second]))
    # and do not share their noise
    noise = together[..., 2:] - together[..., :1]
    assert abs(np.corrcoef(noise[0].ravel(), noise[1].ravel())[0, 1]) < 0.1


def test_equal_images_have_equal_samples_and_others_do_not(saved_model):
    image = noisy(1, 16, 16, 1)
    other = image.copy()
    other[0, 5, 5] += 1
    first, again, changed = in_session(saved_model, image, image, other)
    np.testing.assert_array_equal(first, again)
    # far from the changed pixel only the noise can differ
    assert np.abs(first - changed)[0, 15, 15, 2:].min() > 1e-3


def test_samples_are_those_of_the_posterior(model):
    image = noisy(1, 18, 21, 1)
    for seed in (None, 5):
        output = sampling_function(model, 3, 7, seed)(image).numpy()[0]
        posterior = model.posterior(image[0, ..., 0], seed=seed)
        mean, deviation = posterior.moments(7)
        expected = np.stack([mean, deviation, *posterior.sample(3)], axis=-1)
        assert_same_samples(output, expected)


def test_fixed_seed_gives_planes_of_a_batch_their_own(model):
    batch = np.repeat(noisy(1, 9, 9, 1), 2, axis=0)
    output = sampling_function(model, 2, 3, seed=11)(batch).numpy()
    for plane in range(2):
        expected = python_output(model, batch[plane], plane_seed(11, plane), 2, 3)
        assert_same_samples(output[plane], expected)


def test_mean_or_samples_alone_are_those_of_the_full_output(model):
    image = noisy(2, 13, 10, 1)
    full = sampling_function(model, 3, 5)(image).numpy()
    np.testing.assert_allclose(sampling_function(model, 0, 5)(image), full[..., :2], rtol=1e-5)
    np.testing.assert_allclose(sampling_function(model, 3, 0)(image), full[..., 2:], rtol=1e-5)


def test_sample_does_not_change_with_their_number(model):
    image = noisy(1, 12, 20, 1)
    few = sampling_function(model, 2, 3)(image).numpy()
    many = sampling_function(model, 5, 9)(image).numpy()
    np.testing.assert_allclose(few[..., 2:], many[..., 2:4], rtol=1e-6)
    assert np.abs(few[..., :2] - many[..., :2]).max() > 1e-3


def test_graph_does_not_grow_with_the_samples(model, saved_model, tmp_path):
    write_saved_model(sampling_function(model, 3, 400), tmp_path)
    few, many = ([node.op for node in graph_nodes(one)] for one in (saved_model, tmp_path))
    assert few.count("Conv2D") == many.count("Conv2D")
    # TensorFlow's pruning leaves a few dead nodes more or less
    assert len(many) == pytest.approx(len(few), rel=0.05)
    # nothing that collects a stack of samples
    assert not [op for op in many if op.startswith(("TensorList", "TensorArray"))]


def test_several_channels_follow_one_another():
    model = small_model(channels=2)
    image = noisy(1, 11, 14, 2)
    output = sampling_function(model, 2, 4)(image).numpy()[0]
    assert output.shape == (11, 14, 8)
    assert_same_samples(output, python_output(model, image[0], seed_of_image(image[0]), 2, 4))


def test_bfloat16_model_is_exported_in_float32(tmp_path):
    model = small_model(dtype="mixed_bfloat16")
    plain = small_model()
    plain.set_weights(model.get_weights())
    function = sampling_function(model, 2, 3)
    write_saved_model(function, tmp_path)
    image = noisy(1, 12, 12, 1)
    expected = python_output(plain, image[0], seed_of_image(image[0]), 2, 3)
    assert_same_samples(in_session(tmp_path, image)[0][0], expected)


def test_weights_are_constants(saved_model):
    ops = {node.op for node in graph_nodes(saved_model)}
    assert not ops & {"VarHandleOp", "ReadVariableOp", "DisableCopyOnRead"}


def test_old_tensorflow_knows_every_operation(saved_model):
    assert not unknown_operations(saved_model, operations_of_tensorflow_2_7())


@pytest.mark.parametrize("version", ["2.4.1", "2.10.1"])
def test_other_tensorflows_know_every_operation(saved_model, version):
    file = Path(__file__).parents[3] / "shared" / "interop" / f"ops_{version}.json"
    if not file.is_file():
        pytest.skip(f"no list of the operations of TensorFlow {version}: {file} does not exist")
    assert not unknown_operations(saved_model, json.loads(file.read_text())["ops"])


@pytest.mark.parametrize(
    ("n_samples", "n_averaged"),
    [(0, 0), (2, 1), (1, 1), (5, 4), (2.0, 5), (True, 5), (-1, 5), (0, 1)],
)
def test_refuses_numbers_of_samples_without_meaning(model, n_samples, n_averaged):
    with pytest.raises(InputError, match="numbers of samples"):
        sampling_function(model, n_samples, n_averaged)
