import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers.images import noisy_images, smooth_images
from hypothesis import given, settings
from hypothesis import strategies as st

from divnoising_tf import InputError
from divnoising_tf.blind_spot import BlindSpotDenoiser


@pytest.fixture(scope="module")
def denoiser():
    model = BlindSpotDenoiser(depth=2, base_channels=4)
    model.adapt(noisy_images(4))
    return model


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 21), st.integers(1, 21))
def test_any_size_from_one_pixel_on(denoiser, height, width):
    image = np.full((height, width), 100, np.uint16)
    denoised = denoiser.denoise(image)
    assert denoised.shape == image.shape
    assert denoised.dtype == np.float32
    assert np.isfinite(denoised).all()


def test_stack_is_denoised_image_by_image(denoiser):
    stack = noisy_images(3, size=18)
    singly = [denoiser.denoise(image) for image in stack]
    np.testing.assert_allclose(denoiser.denoise(stack), singly, rtol=1e-5)


def test_call_denoises_counts(denoiser):
    images = noisy_images(2, size=16)
    np.testing.assert_allclose(
        denoiser(images[..., np.newaxis])[..., 0], denoiser.denoise(images), rtol=1e-5
    )


def test_scaled_counts_give_scaled_results():
    images = noisy_images(4, size=16)
    first, second = (BlindSpotDenoiser(base_channels=4, seed=3) for _ in range(2))
    first.adapt(images)
    second.adapt(1000 + 7 * images)
    np.testing.assert_allclose(
        second.denoise(1000 + 7 * images), 1000 + 7 * first.denoise(images), rtol=1e-3
    )


def test_loss_counts_hidden_pixels_alone(denoiser):
    images = tf.constant(noisy_images(2, size=16)[..., np.newaxis])
    target = denoiser.normalisation.apply(images)
    hidden = np.zeros(images.shape, np.float32)
    hidden[:, ::4, ::4] = 1
    wrong_elsewhere = target + 5 * (1 - hidden)
    loss = denoiser.compute_loss(images, y_pred={"prediction": wrong_elsewhere, "hidden": hidden})
    assert float(loss) == 0
    off_by_two = denoiser.compute_loss(images, y_pred={"prediction": target + 2, "hidden": hidden})
    assert float(off_by_two) == pytest.approx(4, rel=1e-5)


def test_cannot_copy_the_pixel_it_predicts():
    """Pure noise holds nothing to learn: the error stays the noise's variance, 1 if normalised."""
    noise = np.random.default_rng(0).normal(100, 10, (16, 32, 32)).astype(np.float32)
    model = BlindSpotDenoiser(depth=1, base_channels=8)
    model.compile(keras.optimizers.Adam(1e-3))
    model.fit(noise, epochs=15, batch_size=8, verbose=0)
    assert model.evaluate(noise[..., np.newaxis], verbose=0) > 0.9
    assert model.denoise(noise).std() < 5


def test_validation_hides_pixels_too():
    images = noisy_images(8)
    model = BlindSpotDenoiser(depth=1, base_channels=4)
    model.compile("adam")
    history = model.fit(images, validation_data=(images[..., np.newaxis],), epochs=2, verbose=0)
    assert np.isfinite(history.history["val_loss"]).all()
    model.normalisation.set(images.mean(), images.std())
    seen = model.normalisation.apply(model(images[..., np.newaxis])) - model.normalisation.apply(
        images[..., np.newaxis]
    )
    assert history.history["val_loss"][-1] != pytest.approx(float(tf.reduce_mean(seen**2)))


def test_saved_and_loaded_model_is_the_same(tmp_path):
    images = noisy_images(8)
    model = BlindSpotDenoiser(depth=1, base_channels=4, hidden_share=0.2, radius=3, seed=5)
    model.compile("adam")
    model.fit(images, epochs=1, verbose=0)
    model.save(tmp_path / "denoiser.keras")
    loaded = keras.saving.load_model(tmp_path / "denoiser.keras")
    assert loaded.get_config() == model.get_config()
    np.testing.assert_allclose(loaded.denoise(images), model.denoise(images), rtol=1e-6)


def test_bfloat16_policy_keeps_counts():
    images = 10_000 + noisy_images(4)
    with_bfloat16 = BlindSpotDenoiser(base_channels=4, dtype="mixed_bfloat16")
    plain = BlindSpotDenoiser(base_channels=4)
    for model in (with_bfloat16, plain):
        model.adapt(images)
    difference = with_bfloat16.denoise(images) - plain.denoise(images)
    assert np.abs(difference).max() < 0.1 * images.std()


def test_seed_decides_the_weights():
    first, again, other = (BlindSpotDenoiser(base_channels=4, seed=seed) for seed in (1, 1, 2))
    for one, two in zip(first.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)
    assert np.any(first.get_weights()[-2] != other.get_weights()[-2])


@pytest.mark.parametrize("bad", [{"depth": 0}, {"base_channels": 1.5}, {"hidden_share": 1.0}])
def test_refuses_arguments(bad):
    with pytest.raises(InputError):
        BlindSpotDenoiser(**bad)


def test_refuses_images(denoiser):
    with pytest.raises(InputError, match="not been trained"):
        BlindSpotDenoiser(base_channels=4).denoise(smooth_images(1))
    with pytest.raises(InputError, match="NaN"):
        denoiser.denoise(np.full((4, 4), np.nan))
    with pytest.raises(InputError):
        denoiser.denoise(np.zeros(5))


@pytest.mark.filterwarnings("ignore::divnoising_tf.noise_models.outliers.OutlierWarning")
def test_how_hot_a_pixel_is_does_not_matter():
    images = noisy_images(8)
    hot = np.random.default_rng(0).random(images.shape) < 5e-4
    denoised = []
    for value in (65535, 1e30):
        keras.utils.set_random_seed(0)
        model = BlindSpotDenoiser(depth=1, base_channels=4, seed=3)
        model.compile("adam")
        model.fit(np.where(hot, np.float32(value), images), batch_size=4, epochs=1, verbose=0)
        denoised.append(model.denoise(np.where(hot, np.float32(value), images)))
    np.testing.assert_array_equal(*denoised)
    assert model.normalisation.standard_deviation[0] == pytest.approx(images.std(), rel=0.01)
