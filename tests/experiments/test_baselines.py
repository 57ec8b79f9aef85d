import builtins
import math
import sys
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from helpers.images import noisy_images, smooth_images
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from divnoising_tf import GaussianNoiseModel, InputError
from divnoising_tf.metrics import psnr
from experiments.baselines import METHODS, unet_training
from experiments.baselines.bm3d import denoise as denoise_bm3d
from experiments.baselines.care import SupervisedDenoiser
from experiments.baselines.pn2v_model import ProbabilisticBlindSpotDenoiser, posterior_mean
from experiments.task import Task

DEVIATION = 15.0
FLOAT = st.floats(-100, 100, width=32)


def task(size=33, n=24, **changes):
    """Return two thirds of the images to train on, the rest to test on; odd sides."""
    clean, noisy = smooth_images(n, size), noisy_images(n, size, DEVIATION)
    first = 2 * n // 3
    content = {
        "name": "blobs",
        "train": list(noisy[:first]),
        "train_signal": list(clean[:first]),
        "test": list(noisy[first:]),
        "test_signal": list(clean[first:]),
        "noise_model": GaussianNoiseModel(DEVIATION),
        "noise_deviation": DEVIATION,
        "batch_size": 8,
    }
    return Task(**{**content, **changes})


def mean_psnr(images, truths):
    return np.mean([psnr(truth, image) for truth, image in zip(truths, images, strict=True)])


def gain(result, problem):
    """Return decibels over the noisy images."""
    truth = problem.test_signal
    return mean_psnr(result.images, truth) - mean_psnr(problem.test, truth)


@pytest.fixture
def small_networks(monkeypatch):
    monkeypatch.setattr(unet_training, "BASE_CHANNELS", 8)
    monkeypatch.setattr(unet_training, "chosen_precision", lambda: "float32")


@pytest.mark.parametrize("name", ["noise2void", "pn2v", "care"])
def test_few_steps_on_small_images_of_odd_and_different_sides(name, small_networks):
    problem = task(size=29, n=6)
    problem.test[0] = problem.test[0][:11, :6]
    result = METHODS[name].denoise(problem, 0.001, 0)
    assert [image.shape for image in result.images] == [(11, 6), (29, 29)]
    assert all(image.dtype == np.float32 for image in result.images)
    assert all(np.isfinite(image).all() for image in result.images)
    assert result.steps >= 2
    assert result.training_minutes >= 0.001
    assert result.settings["batch"] == "8 patches of 28²"


@pytest.mark.slow
@pytest.mark.parametrize(("name", "decibels"), [("noise2void", 6), ("pn2v", 7), ("care", 8)])
def test_training_improves_on_the_noisy_image(name, decibels, small_networks):
    problem = task()
    result = METHODS[name].denoise(problem, 0.5, 0)
    assert gain(result, problem) > decibels


def test_non_local_means_improves_on_the_noisy_image():
    problem = task()
    result = METHODS["nlm"].denoise(problem, 0, 0)
    assert gain(result, problem) > 5
    assert (result.steps, result.training_minutes) == (0, 0)
    assert result.settings["h"] == pytest.approx(0.6 * DEVIATION)


def test_non_local_means_does_not_depend_on_units():
    problem, factor = task(size=16, n=3), 40
    scaled = task(size=16, n=3, test=[factor * problem.test[0]], noise_deviation=factor * DEVIATION)
    plain, larger = (METHODS["nlm"].denoise(one, 0, 0).images[0] for one in (problem, scaled))
    np.testing.assert_allclose(larger, factor * plain, rtol=1e-4)


def test_only_care_sees_clean_images(small_networks):
    assert [name for name, method in METHODS.items() if method.supervised] == ["care"]
    with pytest.raises(InputError, match="no clean images"):
        METHODS["care"].denoise(task(n=3, train_signal=None), 0.001, 0)


def test_pairs_are_cropped_and_turned_alike():
    images = noisy_images(4, 21)
    problem = task(train=list(images), train_signal=list(2 * images), patch_size=8)
    noisy, clean = next(iter(unet_training.paired_patches(problem, 4, seed=0)))
    assert noisy.shape == (8, 8, 8, 1)
    np.testing.assert_array_equal(clean, 2 * noisy)


def test_images_without_a_clean_one_are_left_out_of_the_pairs():
    images = [np.full((8, 8), 100 * number) + np.eye(8) for number in (1, 2, 3)]
    problem = task(train=images, train_signal=images[:2], batch_size=20, augment=False)
    noisy, clean = next(iter(unet_training.paired_patches(problem, 4, seed=0)))
    np.testing.assert_array_equal(noisy, clean)
    assert np.max(noisy) == 201
    # letters must not be turned
    assert np.all(noisy[:, 0, 0] > noisy[:, 0, -1])


def test_rate_falls_to_nothing_within_the_minutes():
    rate = keras.Variable(0.004)
    clock = unet_training.FallingRate(minutes=2)
    clock.set_model(SimpleNamespace(optimizer=SimpleNamespace(learning_rate=rate)))
    clock.on_train_begin()
    for seconds, expected in ((0, 0.004), (60, 0.002), (90, 0.00058579), (120, 0), (150, 0)):
        clock._seconds = seconds
        clock.on_train_batch_begin(0)
        assert float(rate) == pytest.approx(expected, abs=1e-7)


def test_rate_falls_with_the_steps_where_they_end_the_training():
    rate = keras.Variable(0.004)
    clock = unet_training.FallingRate(math.inf, most_steps=4)
    clock.set_model(SimpleNamespace(optimizer=SimpleNamespace(learning_rate=rate)))
    clock.on_train_begin()
    rates = []
    for _ in range(4):
        clock.on_train_batch_begin(0)
        rates.append(float(rate))
        clock.on_train_batch_end(0)
    assert rates == pytest.approx([0.004, 0.00341421, 0.002, 0.00058579], abs=1e-7)
    assert clock.model.stop_training


@pytest.mark.parametrize("name", ["noise2void", "pn2v", "care"])
def test_a_number_of_steps_ends_a_training(name, small_networks):
    result = METHODS[name].denoise(task(n=3, most_steps=3), math.inf, 0)
    assert result.steps == 3
    assert 0 < result.training_minutes < 1


@given(arrays(np.float32, (3, 7), elements=FLOAT), arrays(np.float32, (3, 7), elements=FLOAT))
@settings(max_examples=50, deadline=None)
def test_posterior_mean_is_a_mean_of_the_samples(samples, log_likelihood):
    mean = posterior_mean(samples, log_likelihood).numpy()
    assert np.all(mean >= samples.min(axis=-1) - 1e-3)
    assert np.all(mean <= samples.max(axis=-1) + 1e-3)
    order = np.random.default_rng(0).permutation(7)
    np.testing.assert_allclose(
        posterior_mean(samples[:, order], log_likelihood[:, order]), mean, atol=1e-3
    )
    # a likelihood is known up to a factor, however small
    np.testing.assert_allclose(posterior_mean(samples, log_likelihood - 5000), mean, atol=0.2)
    np.testing.assert_allclose(posterior_mean(samples + 50, log_likelihood), mean + 50, atol=1e-3)


def constant_samples(deviation=DEVIATION, samples=(80.0, 100.0, 150.0)):
    """Return a model whose samples of the prior are the same at every pixel."""
    model = ProbabilisticBlindSpotDenoiser(
        GaussianNoiseModel(deviation), len(samples), depth=1, base_channels=4
    )
    model.normalisation.set(90.0, 20.0)
    kernel, bias = model._last.weights
    kernel.assign(np.zeros(kernel.shape))
    bias.assign((np.array(samples) - 90) / 20)
    return model


def test_probabilistic_mean_is_that_of_bayes_for_gaussian_noise():
    samples = np.array([80.0, 100.0, 150.0])
    image = noisy_images(1, 9)[0]
    weights = np.exp(-((image[..., np.newaxis] - samples) ** 2) / (2 * DEVIATION**2))
    expected = (weights * samples).sum(axis=-1) / weights.sum(axis=-1)
    np.testing.assert_allclose(constant_samples().denoise(image), expected, rtol=1e-4)


def test_probabilistic_loss_is_the_mean_likelihood_of_the_samples():
    samples = np.array([80.0, 100.0, 150.0])
    model, observation = constant_samples(), np.array([85.0, 140.0])
    densities = np.exp(-((observation[:, np.newaxis] - samples) ** 2) / (2 * DEVIATION**2))
    densities /= DEVIATION * math.sqrt(2 * math.pi)
    predicted = {
        "samples": np.tile(samples, (2, 1)).astype(np.float32),
        "observation": observation.astype(np.float32),
    }
    loss = float(model.compute_loss(y_pred=predicted))
    assert loss == pytest.approx(-np.log(densities.mean(axis=1)).mean(), rel=1e-5)


def test_pixel_that_no_sample_explains_is_finite():
    image = np.full((4, 4), 1e6, np.float32)
    assert np.isfinite(constant_samples(deviation=1e-3).denoise(image)).all()


def test_probabilistic_training_hides_pixels():
    images = noisy_images(2, 16)[..., np.newaxis]
    predicted = constant_samples()(images, training=True)
    hidden = predicted["observation"].shape[0]
    assert 20 <= hidden <= 90  # a tenth of 512, four standard deviations
    assert predicted["samples"].shape == (hidden, 3)
    assert np.isin(predicted["observation"], images).all()


def test_probabilistic_training_leaves_the_given_noise_model_alone(small_networks):
    noise_model = GaussianNoiseModel(DEVIATION, trainable=True)
    METHODS["pn2v"].denoise(task(n=3, noise_model=noise_model), 0.001, 0)
    assert noise_model.standard_deviation == pytest.approx(DEVIATION, rel=1e-6)
    assert noise_model.trainable


@pytest.mark.parametrize(
    "model",
    [
        lambda: SupervisedDenoiser(depth=1, base_channels=4, seed=3),
        lambda: ProbabilisticBlindSpotDenoiser(
            GaussianNoiseModel(5.0), samples=6, depth=1, base_channels=4, radius=3, seed=3
        ),
    ],
)
def test_saved_and_loaded_model_is_the_same(model, tmp_path):
    model, images = model(), noisy_images(2, 10)
    model.adapt(images)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.get_config() == model.get_config()
    np.testing.assert_allclose(loaded.denoise(images), model.denoise(images), rtol=1e-6)


def test_probabilistic_denoiser_refuses_a_bare_number():
    with pytest.raises(InputError, match="noise model"):
        ProbabilisticBlindSpotDenoiser(5.0)


def test_bm3d_says_how_to_get_it(monkeypatch):
    original = builtins.__import__

    def without_it(name, *arguments):
        if name == "bm3d":
            raise ImportError("no module bm3d")
        return original(name, *arguments)

    monkeypatch.delitem(sys.modules, "bm3d", raising=False)
    monkeypatch.setattr(builtins, "__import__", without_it)
    with pytest.raises(InputError, match=r"divnoising_tf\[bm3d\]"):
        denoise_bm3d(task(n=3), 0, 0)


def test_bm3d_gets_intensities_from_0_to_1_and_gives_counts(monkeypatch):
    calls = []

    def bm3d(z, sigma_psd, profile):
        calls.append((z, sigma_psd))
        return z

    monkeypatch.setitem(sys.modules, "bm3d", SimpleNamespace(bm3d=bm3d))
    problem = task(n=3, size=11)
    problem.test[0] = problem.test[0][:5]
    result = denoise_bm3d(problem, 0, 0)
    image, deviation = calls[0]
    assert image.shape == (8, 11)
    assert (image.min(), image.max()) == (0, 1)
    assert deviation == pytest.approx(DEVIATION / np.ptp(problem.test[0]))
    np.testing.assert_allclose(result.images[0], problem.test[0], rtol=1e-5)


def test_bm3d_improves_on_the_noisy_image():
    pytest.importorskip("bm3d", reason="not commercial: pip install 'divnoising_tf[bm3d]'")
    problem = task()
    assert gain(METHODS["bm3d"].denoise(problem, 0, 0), problem) > 5
