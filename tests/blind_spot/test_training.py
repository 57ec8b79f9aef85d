import itertools

import numpy as np
import pytest
from helpers.images import noisy_images, smooth_images

from divnoising_tf import InputError
from divnoising_tf.blind_spot import fit_blind_spot, training
from divnoising_tf.metrics import psnr


def test_denoises_without_having_seen_clean_images():
    clean, noisy = smooth_images(32, 32), noisy_images(32, 32, deviation=15)
    denoised = fit_blind_spot(noisy, steps=150).denoise(noisy)
    assert psnr(clean, denoised) > psnr(clean, noisy) + 6


def test_same_seed_same_denoiser():
    images = noisy_images(4, 32)
    first, again, other = (
        fit_blind_spot(images, steps=5, base_channels=4, depth=1, seed=seed).denoise(images)
        for seed in (0, 0, 1)
    )
    np.testing.assert_allclose(first, again, rtol=1e-5)
    assert np.abs(first - other).max() > 1


def test_ends_when_the_minutes_are_over(monkeypatch):
    seconds = itertools.count()
    monkeypatch.setattr(training, "monotonic", lambda: next(seconds))
    images = noisy_images(4, 16)
    denoiser = fit_blind_spot(images, steps=10**6, minutes=1, base_channels=4, depth=1)
    # the clock is read twice in a step
    assert denoiser.optimizer.iterations.numpy() == pytest.approx(30, abs=2)
    assert float(denoiser.optimizer.learning_rate) < 1e-5


def test_takes_as_many_steps_as_told():
    denoiser = fit_blind_spot(noisy_images(4, 16), steps=103, base_channels=4, depth=1)
    assert denoiser.optimizer.iterations.numpy() == 103
    assert float(denoiser.optimizer.learning_rate) < 1e-6


def test_images_smaller_than_a_patch():
    images = noisy_images(4, 20)
    assert fit_blind_spot(images, steps=2, base_channels=4, depth=1).denoise(images).shape == (
        4,
        20,
        20,
    )


def test_images_of_different_sizes():
    images = [noisy_images(1, size)[0] for size in (40, 67)]
    denoiser = fit_blind_spot(images, steps=2, base_channels=4, depth=1)
    assert [denoiser.denoise(image).shape[0] for image in images] == [40, 67]


@pytest.mark.parametrize(
    ("images", "arguments", "reason"),
    [
        (noisy_images(1, 64), {"steps": 0}, "steps"),
        (noisy_images(1, 64), {"minutes": 0}, "positive"),
        (noisy_images(1, 64), {"patch_size": 30}, "multiple of 4"),
        (np.full((2, 64, 64), 3), {}, "equal"),
        (np.full((2, 64, 64), np.inf), {}, "infinite"),
        (np.arange(15).reshape(3, 5), {}, "fit into"),
    ],
)
def test_refuses(images, arguments, reason):
    with pytest.raises(InputError, match=reason):
        fit_blind_spot(images, **arguments)


@pytest.mark.data
def test_real_confocal_image_gains_several_decibels(data_folder):
    from skimage.io import imread

    folder = data_folder / "fmd_testset"
    truth = imread(folder / "gt_Confocal_MICE.png")
    noisy = imread(folder / "raw_Confocal_MICE_1.png")
    denoised = fit_blind_spot(noisy, steps=100, patch_size=32).denoise(noisy)
    assert psnr(truth, denoised, 255) > psnr(truth, noisy, 255) + 4
