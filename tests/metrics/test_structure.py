import numpy as np
import pytest
from skimage.metrics import structural_similarity

from divnoising_tf.errors import InputError
from divnoising_tf.metrics import ms_ssim, ssim

_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)


@pytest.fixture
def pair(rng):
    truth = rng.random((3, 16, 20)) * 100
    return truth, truth + 20 * rng.normal(size=truth.shape)


def test_ssim_of_a_stack_is_the_mean_over_its_images(pair):
    truth, noisy = pair
    span = float(np.ptp(truth))
    each = [ssim(a, b, span) for a, b in zip(truth, noisy, strict=True)]
    assert ssim(truth, noisy) == pytest.approx(np.mean(each))
    assert 0 < ssim(truth, noisy) < ssim(truth, truth) == 1


def _halved(image):
    return image.reshape(image.shape[0] // 2, 2, image.shape[1] // 2, 2).mean(axis=(1, 3))


def _crop_mean(values):
    return values[5:-5, 5:-5].mean()


def _reference(truth, other, span):
    """Multi-scale SSIM of Wang et al. (2003), from scikit-image's maps of one scale."""
    settings = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    product = 1.0
    for scale, weight in enumerate(_WEIGHTS):
        _, full = structural_similarity(
            truth, other, data_range=span, win_size=11, full=True, **settings
        )
        # brightness counts at the last scale alone: with huge K1 its factor is 1
        _, contrast = structural_similarity(
            truth, other, data_range=span, win_size=11, K1=1e6, full=True, **settings
        )
        product *= _crop_mean(full if scale == len(_WEIGHTS) - 1 else contrast) ** weight
        truth, other = (_halved(one) if scale < 4 else one for one in (truth, other))
    return product


def test_multi_scale_ssim_is_that_of_scikit_image_s_maps(rng):
    y, x = np.mgrid[:192, :208]
    truth = 1000 + 200 * np.sin(x / 9) * np.cos(y / 14)
    noisy = truth + rng.normal(0, 60, truth.shape)
    span = float(np.ptp(truth))
    assert ms_ssim(truth, noisy) == pytest.approx(_reference(truth, noisy, span), abs=2e-4)
    stack = ms_ssim(np.stack([truth, truth]), np.stack([noisy, truth]))
    assert stack == pytest.approx((ms_ssim(truth, noisy) + 1) / 2, abs=1e-5)


def test_multi_scale_ssim_sees_less_of_fine_noise(rng):
    y, x = np.mgrid[:161, :161]
    truth = 100 * np.sin(x / 9) * np.cos(y / 14)
    noisy = truth + rng.normal(0, 40, truth.shape)
    assert ssim(truth, noisy) < 0.6 < 0.75 < ms_ssim(truth, noisy) < 1


def test_small_images_are_refused(pair):
    truth, _ = pair
    with pytest.raises(InputError, match="7 x 7"):
        ssim(truth[:, :6], truth[:, :6])
    with pytest.raises(InputError, match="161 x 161"):
        ms_ssim(np.ones((160, 200)), np.ones((160, 200)))
