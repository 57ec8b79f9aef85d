import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers.images import noisy_images, smooth_images
from helpers.random_models import random_hierarchy

from divnoising_tf import GaussianNoiseModel, HierarchicalDivNoising, InputError


def small_model(noise=None, **kwargs):
    sizes = {"levels": 2, "level_channels": [8, 12], "latent_channels": [2, 3], **kwargs}
    sizes.setdefault("data_mean", 90.0)
    sizes.setdefault("data_standard_deviation", 45.0)
    return HierarchicalDivNoising(noise or GaussianNoiseModel(15.0), **sizes)


def test_sizes_by_default_are_those_of_the_documentation():
    model = HierarchicalDivNoising(GaussianNoiseModel(15.0))
    assert [tuple(grid) for grid in model.levels] == [(2, 8), (4, 16), (8, 16)]
    assert model.level_channels == (64, 64, 96)
    assert sum(network.count_params() for network in model.networks) == 848_884
    assert model.described_network() == "3 levels, 8 + 16 + 16 latent channels, 848,884 parameters"


def test_priors_begin_standard_normal_and_posteriors_narrow():
    outputs = small_model(initial_log_variance=-3.0)(noisy_images(1)[..., np.newaxis])
    for level in range(2):
        for name in ("prior_mean", "prior_log_variance"):
            np.testing.assert_array_equal(outputs[f"{name}_{level}"], 0)
        np.testing.assert_array_equal(outputs[f"latent_log_variance_{level}"], -3.0)
        assert np.std(outputs[f"latent_mean_{level}"]) > 0.1


def test_loss_is_the_negative_evidence_lower_bound_per_pixel():
    images = noisy_images(3).reshape(3, 32, 32, 1)
    model = random_hierarchy(levels=3)
    outputs = model(images)
    loss = model.compute_loss(x=images, y_pred=outputs, training=True)
    values = {key: np.asarray(value, np.float64) for key, value in outputs.items()}
    likely = -0.5 * ((images - values["signal"]) / 5) ** 2 - np.log(5) - 0.5 * np.log(2 * np.pi)
    kl = 0.0
    for level in range(3):
        mean, log_variance, prior_mean, prior_log_variance = (
            values[f"{distribution}_{value}_{level}"]
            for distribution in ("latent", "prior")
            for value in ("mean", "log_variance")
        )
        distance = (mean - prior_mean) ** 2 / np.exp(prior_log_variance)
        ratio = log_variance - prior_log_variance
        kl += 0.5 * np.sum(np.exp(ratio) + distance - 1 - ratio)
    assert float(loss) == pytest.approx(-likely.mean() + kl / images.size, rel=1e-4)


def test_samples_of_training_have_the_distribution_of_those_of_the_posterior():
    model = random_hierarchy()
    image = np.random.default_rng(0).normal(100, 20, (1, 16, 16, 1)).astype(np.float32)
    drawn = model(np.repeat(image, 2000, axis=0))["signal"].numpy()[..., 0]
    mean, deviation = model.posterior(image[0, :, :, 0]).moments(2000)
    error = deviation / np.sqrt(1000)
    assert np.all(np.abs(drawn.mean(0) - mean) < 6 * error)
    np.testing.assert_allclose(drawn.std(0), deviation, rtol=0.2)


def test_images_of_the_prior_are_those_of_a_posterior_that_adds_nothing():
    model = random_hierarchy()
    model.initial_log_variance = 0.0
    noises = [
        tf.random.stateless_normal((1, 32 // grid.stride, 24 // grid.stride, grid.channels), (1, 2))
        for grid in model.levels
    ]
    generated = model.generate_from(tuple(noises))
    for level in model.top_down.levels[:-1]:
        for weight in level.above.weights:
            prior, _ = np.split(weight.numpy(), 2, axis=-1)
            weight.assign(np.concatenate([prior, np.zeros_like(prior)], axis=-1))
    context = [tf.zeros((1, *one.shape[1:3], 2 * one.shape[3])) for one in noises]
    decoded = model.decode(tuple(context), tuple(noises))
    np.testing.assert_allclose(decoded, generated, atol=1e-3)


def test_training_denoises():
    images = noisy_images(96)
    keras.utils.set_random_seed(0)
    model = HierarchicalDivNoising(
        GaussianNoiseModel(15.0), level_channels=[8, 8, 12], latent_channels=[2, 4, 4]
    )
    model.compile(optimizer=keras.optimizers.Adam(3e-3))
    history = model.fit(images, batch_size=8, epochs=20, verbose=0).history
    assert history["loss"][-1] < history["loss"][0] - 0.2
    assert history["active_channels"][-1] >= 1
    mean, deviation = model.posterior(images[:8]).moments(20)
    truth = smooth_images(96)[:8]
    assert np.mean((mean - truth) ** 2) < 0.5 * np.mean((images[:8] - truth) ** 2)
    assert np.all(deviation > 0)


def test_channels():
    model = small_model(channels=2, data_mean=[10, 90], data_standard_deviation=[2, 45])
    images = np.stack([noisy_images(8) / 10, noisy_images(8)], axis=-1)
    model.compile(optimizer="adam")
    model.fit(images, epochs=1, verbose=0)
    assert model.posterior(images[0], axes="YXC").sample(2).shape == (2, 32, 32, 2)
    assert model.generate((9, 10), n=2).shape == (2, 2, 9, 10)


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (33, 47)])
def test_call_takes_any_size(size):
    assert small_model()(np.full((2, *size, 1), 100.0))["signal"].shape == (2, *size, 1)


def test_saved_model_is_equal_after_loading(tmp_path):
    model = small_model(beta=0.5, dtype="mixed_bfloat16", initial_log_variance=-2.0)
    model.compile(optimizer="adam")
    model.fit(noisy_images(8), epochs=1, verbose=0)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    image = noisy_images(1)[0]
    np.testing.assert_array_equal(
        again.posterior(image).sample(2), model.posterior(image).sample(2)
    )
    assert again.get_config() == model.get_config()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"levels": 0}, "levels must be a whole number"),
        ({"levels": 3}, "level_channels must have one number for each of 3 levels"),
        ({"latent_channels": [4, 0]}, "latent_channels must be a whole number"),
        ({"latent_channels": 4}, "one number for each of 2 levels"),
        ({"beta": -1.0}, "beta"),
        ({"initial_log_variance": float("nan")}, "from -20 to 20"),
    ],
)
def test_refuses_arguments_without_meaning(arguments, reason):
    with pytest.raises(InputError, match=reason):
        small_model(**arguments)
