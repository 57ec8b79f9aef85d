"""Hot pixels and cosmic rays spoil neither a training nor an image, wherever a model runs."""

import warnings
import zipfile

import h5py
import keras
import numpy as np
import onnxruntime
import pytest
import tensorflow as tf
from helpers.images import noisy_images, smooth_images
from helpers.random_models import random_model
from helpers.static_gate import operations_of_tensorflow_2_7, unknown_operations
from helpers.zoo_packages import NAMES, archive_of

from divnoising_tf import DivNoising, GaussianMixtureNoiseModel, GaussianNoiseModel, denoise_large
from divnoising_tf.models.precision import with_precision
from divnoising_tf.noise_models.outliers import OutlierWarning
from divnoising_tf.zoo import load
from divnoising_tf.zoo.onnx_graph import onnx_model
from divnoising_tf.zoo.sampling_graph import sampling_function, write_saved_model

_LOW, _HIGH = 40.0, 160.0
pytestmark = pytest.mark.filterwarnings(
    "ignore::divnoising_tf.noise_models.outliers.OutlierWarning"
)


def _bounded(**kwargs):
    model = random_model(**kwargs)
    low = [_LOW + channel for channel in range(model.channels)]
    high = [_HIGH - channel for channel in range(model.channels)]
    model.normalisation.set(model.data_mean, model.data_standard_deviation, [low, high])
    return model


def _image(*shape):
    """Counts within the bounds, but for two hot pixels and a dead one, all moved to a bound."""
    hot = np.random.default_rng(3).uniform(50, 150, shape).astype(np.float32)
    hot[3, 4], hot[10, 20], hot[-1, -1] = 65535, 1e30, 0
    at_bounds = hot.copy()
    at_bounds[3, 4], at_bounds[10, 20], at_bounds[-1, -1] = _HIGH, _HIGH, _LOW
    return hot, at_bounds


def test_a_hot_pixel_counts_as_the_nearest_count_that_is_believed():
    model = _bounded()
    hot, at_bounds = _image(37, 45)
    np.testing.assert_array_equal(
        model.posterior(hot).sample(2), model.posterior(at_bounds).sample(2)
    )


def test_bounds_change_no_bit_of_an_ordinary_image():
    image = np.random.default_rng(3).uniform(50, 150, (37, 45)).astype(np.float32)
    np.testing.assert_array_equal(
        _bounded().posterior(image).sample(2), random_model().posterior(image).sample(2)
    )


def test_tiles_and_orientations_see_the_same():
    model = _bounded()
    hot, at_bounds = _image(90, 70)
    whole = model.posterior(hot).sample(2)
    tiled = model.posterior(hot, tile_size=32).sample(2)
    assert np.abs(tiled - whole).max() <= 1e-4 * whole.std()
    np.testing.assert_array_equal(
        model.posterior(hot).augmented().sample(8), model.posterior(at_bounds).augmented().sample(8)
    )


@pytest.mark.parametrize("channels", [1, 2])
def test_exported_graphs_give_the_samples_of_python(tmp_path, channels):
    model = _bounded(channels=channels)
    hot = _image(37, 45)[0][..., np.newaxis].repeat(channels, axis=-1)
    axes = "YXC"
    samples = model.posterior(hot, axes, seed=None).sample(3)
    expected = np.concatenate(list(samples), axis=-1)
    write_saved_model(sampling_function(model, 3, 4), tmp_path)
    served = tf.saved_model.load(str(tmp_path)).signatures["serving_default"]
    in_tensorflow = served(tf.constant(hot[np.newaxis]))["output"].numpy()[0]
    session = onnxruntime.InferenceSession(onnx_model(model, 3, 4).SerializeToString())
    (in_onnx,) = session.run(None, {"input": hot[np.newaxis]})
    for output in (in_tensorflow, in_onnx[0]):
        assert output.max() < 1000
        np.testing.assert_allclose(
            output[..., 2 * channels :], expected, atol=1e-4 * expected.std(), rtol=0
        )
    assert not unknown_operations(tmp_path, operations_of_tensorflow_2_7())


def test_without_bounds_there_is_nothing_of_them_in_onnx():
    numbers = [
        sum(node.op_type == "Max" for node in onnx_model(model).graph.node)
        for model in (random_model(), _bounded())
    ]
    assert numbers == [0, 1]


def test_a_file_denoised_in_tiles_has_the_result_and_the_warning(tmp_path):
    tifffile, model = pytest.importorskip("tifffile"), _bounded()
    pytest.importorskip("zarr")
    hot, _ = _image(90, 70)
    tifffile.imwrite(tmp_path / "rays.tif", hot)
    with pytest.warns(OutlierWarning, match=r"rays.tif: 3 of 6300 pixels \(0 to 1e\+30 counts\)"):
        denoise_large(
            model, tmp_path / "rays.tif", tmp_path / "out.tif", average=4, seed=0, tile_size=32
        )
    expected = model.posterior(hot).moments(4).mean
    result = tifffile.imread(tmp_path / "out.tif")[0]
    assert np.abs(result - expected).max() <= 1e-4 * expected.std()


def _trained(images, noise=None, epochs=2):
    keras.utils.set_random_seed(0)
    noise = noise or GaussianNoiseModel(15.0, signal_range=(50.0, 250.0))
    model = DivNoising(noise, depth=1, latent_channels=4, base_channels=8)
    model.compile(keras.optimizers.Adam(3e-3))
    history = model.fit(images, epochs=epochs, batch_size=4, verbose=0)
    return model, history.history["loss"]


def _with_hot_pixels(images, value=65535):
    images = images.copy()
    images[np.random.default_rng(1).random(images.shape) < 5e-4] = value
    return images


@pytest.mark.parametrize(
    "noise",
    [
        lambda: None,
        lambda: GaussianNoiseModel(15.0),
        lambda: GaussianMixtureNoiseModel((0.0, 300.0), trainable=True),
    ],
)
def test_how_hot_a_pixel_is_does_not_matter_to_a_training(noise):
    images = noisy_images(8)
    (one, losses), (other, same) = (
        _trained(_with_hot_pixels(images, value), noise(), epochs=1) for value in (65535, 1e30)
    )
    assert np.isfinite(losses).all()
    assert losses == same
    for first, second in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(first, second)
    assert one.data_mean[0] == pytest.approx(images.mean(), rel=2e-3)
    assert one.data_standard_deviation[0] == pytest.approx(images.std(), rel=0.01)


def test_a_training_with_hot_pixels_denoises():
    truth, images = smooth_images(32), noisy_images(32)
    model, _ = _trained(_with_hot_pixels(images), epochs=30)
    denoised = np.stack([model.posterior(image).moments(20).mean for image in images[:4]])
    noise, error = (np.sqrt(np.mean((one - truth[:4]) ** 2)) for one in (images[:4], denoised))
    assert error < 0.6 * noise


def test_the_likelihood_leaves_out_what_is_beyond_the_bounds():
    model = _bounded()
    hot, _ = _image(32, 32)
    believed = (hot >= _LOW) & (hot <= _HIGH)
    inputs = tf.constant(hot[np.newaxis, ..., np.newaxis])
    outputs = model(inputs)
    model.compute_loss(inputs, y_pred=outputs)
    log_prob = model.noise_model.log_prob(hot, outputs["signal"][0, ..., 0]).numpy()
    expected = -log_prob[believed].sum() / hot.size
    assert float(model._reconstruction.result()) == pytest.approx(expected, rel=1e-5)


def test_training_and_denoising_say_number_and_values():
    images = _with_hot_pixels(noisy_images(16))
    number = int((images == 65535).sum())
    message = rf"out of the -100 to 400 .* {number} of {images.size} pixels \(65535 counts\)"
    with pytest.warns(OutlierWarning, match=message):
        model, _ = _trained(images, epochs=1)
    image = images[np.argmax((images == 65535).sum(axis=(1, 2)) == 1)]
    with pytest.warns(OutlierWarning, match="the image: 1 of 1024 pixels") as caught:
        model.posterior(image).augmented()
    assert len([one for one in caught if one.category is OutlierWarning]) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error", OutlierWarning)
        _trained(noisy_images(4), epochs=1)[0].posterior(noisy_images(1)[0])


def test_a_model_without_bounds_says_that_it_has_none():
    noise = GaussianNoiseModel(5.0, signal_range=(50.0, 250.0))
    model = DivNoising(noise, depth=1, data_mean=100.0, data_standard_deviation=20.0)
    with pytest.warns(OutlierWarning, match=r"out of the 0 to 300 counts .* spoil their surround"):
        model.posterior(_image(32, 32)[0])


def test_bounds_are_saved_and_copied(tmp_path):
    model, _ = _trained(_with_hot_pixels(noisy_images(16)), epochs=1)
    assert model.bounds.ravel().tolist() == pytest.approx([-100, 400])
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    for one in (loaded, with_precision(model, "mixed_bfloat16")):
        np.testing.assert_array_equal(one.bounds, model.bounds)
    hot, _ = _image(32, 32)
    np.testing.assert_array_equal(loaded.posterior(hot).sample(2), model.posterior(hot).sample(2))


def test_a_file_of_before_bounds_is_read_and_believes_every_pixel(tmp_path):
    model = random_model()
    model.save(tmp_path / "new.keras")
    _as_before_bounds(tmp_path / "new.keras", tmp_path / "old.keras")
    loaded = keras.saving.load_model(tmp_path / "old.keras")
    assert not loaded.normalisation.is_bounded
    hot, _ = _image(32, 32)
    np.testing.assert_array_equal(loaded.posterior(hot).sample(2), model.posterior(hot).sample(2))
    # a load replaces bounds, too
    bounded = _bounded()
    with zipfile.ZipFile(tmp_path / "old.keras") as archive:
        archive.extract("model.weights.h5", tmp_path)
    bounded.load_weights(tmp_path / "model.weights.h5")
    assert not bounded.normalisation.is_bounded


@pytest.mark.parametrize("name", NAMES)
def test_packages_of_before_bounds_are_read(name):
    model = load(archive_of(name))
    assert model.normalisation.adapted
    assert not model.normalisation.is_bounded


def _as_before_bounds(new, old):
    with zipfile.ZipFile(new) as archive:
        archive.extract("model.weights.h5", old.parent)
    weights = old.parent / "model.weights.h5"
    with h5py.File(weights, "r+") as file:
        del file["layers/normalisation/vars/2"], file["layers/normalisation/vars/3"]
    with zipfile.ZipFile(new) as archive, zipfile.ZipFile(old, "w") as written:
        for name in archive.namelist():
            is_weights = name == "model.weights.h5"
            written.writestr(name, weights.read_bytes() if is_weights else archive.read(name))
