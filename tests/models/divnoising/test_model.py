import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers.images import noisy_images, smooth_images

from divnoising_tf import DivNoising, GaussianNoiseModel, InputError


def small_model(noise=None, **kwargs):
    settings = {"depth": 2, "latent_channels": 4, "base_channels": 8, **kwargs}
    settings.setdefault("data_mean", 90.0)
    settings.setdefault("data_standard_deviation", 45.0)
    return DivNoising(noise or GaussianNoiseModel(15.0), **settings)


def trained(model, images, epochs=1, **kwargs):
    keras.utils.set_random_seed(0)
    model.compile(optimizer=keras.optimizers.Adam(2e-3))
    return model.fit(images[..., np.newaxis], batch_size=8, epochs=epochs, verbose=0, **kwargs)


def test_loss_is_the_negative_evidence_lower_bound_per_pixel(rng):
    images = noisy_images(3).reshape(3, 32, 32, 1)
    model = small_model(beta=0.7)
    outputs = model(images)
    loss = model.compute_loss(x=images, y_pred=outputs, training=True)
    signal, mean, log_variance = (
        np.asarray(outputs[key], np.float64)
        for key in ("signal", "latent_mean", "latent_log_variance")
    )
    log_prob = -0.5 * ((images - signal) / 15) ** 2 - np.log(15) - 0.5 * np.log(2 * np.pi)
    kl = 0.5 * np.sum(np.exp(log_variance) + mean**2 - 1 - log_variance) / images.size
    assert float(loss) == pytest.approx(-log_prob.mean() + 0.7 * kl, rel=1e-5)


def test_annealed_weight_acts_in_training_only():
    images = noisy_images(2)[..., np.newaxis]
    model = small_model()
    outputs = model(images)
    outputs["latent_mean"] += 1.0
    full = model.compute_loss(x=images, y_pred=outputs, training=True)
    model.kl_weight.assign(0.0)
    without = model.compute_loss(x=images, y_pred=outputs, training=True)
    validation = model.compute_loss(x=images, y_pred=outputs, training=False)
    assert float(without) < float(full)
    assert float(validation) == pytest.approx(float(full))


def test_training_denoises_and_logs():
    images = noisy_images(96)
    model = DivNoising(GaussianNoiseModel(15.0), latent_channels=4, base_channels=8)
    history = trained(model, images, epochs=25).history
    assert set(history) == {"loss", "reconstruction", "kl", "beta_weight", "active_channels"}
    assert history["loss"][-1] < history["loss"][0] - 0.2
    assert history["active_channels"][-1] >= 1
    mean, deviation = model.posterior(images[:8]).moments(20)
    truth = smooth_images(96)[:8]
    assert np.mean((mean - truth) ** 2) < 0.5 * np.mean((images[:8] - truth) ** 2)
    assert np.all(deviation > 0)
    np.testing.assert_allclose(model.data_mean, images.mean(), rtol=1e-3)


@pytest.mark.parametrize("precision", ["float32", "mixed_bfloat16"])
@pytest.mark.parametrize(
    "seed", [0, pytest.param(1, marks=pytest.mark.slow), pytest.param(2, marks=pytest.mark.slow)]
)
def test_default_initialisation_does_not_collapse(precision, seed):
    keras.utils.set_random_seed(seed)
    model = DivNoising(GaussianNoiseModel(15.0), base_channels=16, dtype=precision)
    model.compile(optimizer=keras.optimizers.Adam(1e-3))
    images = noisy_images(64)[..., np.newaxis]
    history = model.fit(images, batch_size=16, epochs=12, verbose=0).history
    assert np.all(np.isfinite(history["loss"]))
    assert history["kl"][-1] > 0.02
    assert history["active_channels"][-1] >= 1


def test_mixed_precision_keeps_likelihood_and_latents_in_float32():
    model = small_model(dtype="mixed_bfloat16")
    outputs = model(noisy_images(1)[..., np.newaxis])
    assert {value.dtype for value in outputs.values()} == {tf.float32}
    assert model.encoder.compute_dtype == "bfloat16"
    assert model.noise_model.compute_dtype == "float32"
    assert model.normalisation.compute_dtype == "float32"


def test_large_counts_are_not_rounded_in_mixed_precision():
    model = small_model(dtype="mixed_bfloat16", data_mean=30_000.0, data_standard_deviation=10.0)
    image = np.full((1, 8, 8, 1), 30_011.0, np.float32)
    assert float(model.normalisation.apply(image)[0, 0, 0, 0]) == pytest.approx(1.1, rel=1e-3)


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (33, 47)])
def test_call_takes_any_size(size):
    outputs = small_model()(np.full((2, *size, 1), 100.0))
    assert outputs["signal"].shape == (2, *size, 1)


def test_channels():
    model = small_model(channels=2, data_mean=[10, 90], data_standard_deviation=[2, 45])
    images = np.stack([noisy_images(8) / 10, noisy_images(8)], axis=-1)
    model.compile(optimizer="adam")
    model.fit(images, epochs=1, verbose=0)
    assert model.posterior(images[0], axes="YXC").sample(2).shape == (2, 32, 32, 2)
    assert model.generate((9, 10), n=2).shape == (2, 2, 9, 10)


def test_evaluate_gives_the_metrics():
    model = small_model()
    model.compile(optimizer="adam")
    results = model.evaluate(noisy_images(8)[..., np.newaxis], verbose=0, return_dict=True)
    assert results["loss"] == pytest.approx(results["reconstruction"] + results["kl"], rel=1e-4)


@pytest.mark.skipif(
    bool(tf.config.list_physical_devices("GPU")), reason="XLA is on where there is a GPU"
)
def test_xla_is_off_on_a_processor():
    model = small_model()
    model.compile(optimizer="adam")
    assert not model.jit_compile


def test_the_posterior_begins_with_the_variance_that_is_asked_for():
    model = small_model(initial_log_variance=-4.0)
    outputs = model(noisy_images(1)[..., np.newaxis])
    log_variance = outputs["latent_log_variance"]
    np.testing.assert_array_equal(log_variance, np.full(log_variance.shape, -4.0))
    _, deviation = model.encode(noisy_images(1)[..., np.newaxis])
    np.testing.assert_allclose(deviation, np.exp(0.5 * log_variance), rtol=1e-6)
    assert DivNoising.from_config(model.get_config()).initial_log_variance == -4.0


def test_saved_model_is_equal_after_loading(tmp_path):
    model = small_model(beta=0.5)
    trained(model, noisy_images(8))
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    image = noisy_images(1)[0]
    np.testing.assert_array_equal(
        again.posterior(image).sample(2), model.posterior(image).sample(2)
    )
    assert again.get_config() == model.get_config()
    assert again.optimizer.learning_rate == model.optimizer.learning_rate
    trained(again, noisy_images(8))


def test_saved_model_is_equal_in_a_fresh_process(tmp_path):
    model = small_model(dtype="mixed_bfloat16")
    model.save(tmp_path / "model.keras")
    image = noisy_images(1)[0]
    np.save(tmp_path / "image.npy", image)
    program = (
        "import keras, numpy, divnoising_tf\n"
        "model = keras.saving.load_model('model.keras', safe_mode=True)\n"
        "numpy.save('sample.npy', model.posterior(numpy.load('image.npy'), seed=3).sample(1))\n"
    )
    command = [sys.executable, "-c", program]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=300)
    expected = model.posterior(image, seed=3).sample(1)
    np.testing.assert_allclose(np.load(tmp_path / "sample.npy"), expected, rtol=1e-6)


@pytest.mark.parametrize("trainable", [True, False])
def test_noise_model_is_learned_only_if_trainable(trainable):
    model = small_model(GaussianNoiseModel(30.0, trainable=trainable))
    trained(model, noisy_images(16))
    changed = model.noise_model.standard_deviation != pytest.approx(30.0, abs=1e-4)
    assert changed == trainable


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"noise_model": 15.0}, "not a noise model"),
        ({"depth": 0}, "depth"),
        ({"latent_channels": -3}, "latent_channels"),
        ({"beta": -1.0}, "beta"),
        ({"beta": float("nan")}, "beta"),
        ({"initial_log_variance": -21.0}, "from -20 to 20"),
        ({"initial_log_variance": float("nan")}, "from -20 to 20"),
        ({"data_standard_deviation": 0.0}, "constant"),
        ({"data_mean": None}, "belong together"),
    ],
)
def test_refuses_arguments_without_meaning(arguments, reason):
    noise = arguments.pop("noise_model", GaussianNoiseModel(15.0))
    with pytest.raises(InputError, match=reason):
        DivNoising(noise, **{"data_mean": 90.0, "data_standard_deviation": 45.0, **arguments})


def test_refuses_training_images_it_cannot_use():
    model = DivNoising(GaussianNoiseModel(15.0))
    model.compile(optimizer="adam")
    with pytest.raises(InputError, match="constant"):
        model.fit(np.zeros((2, 16, 16, 1), np.float32))
    with pytest.raises(InputError, match="shape"):
        model.fit(np.zeros((2, 16, 16, 3), np.float32))
