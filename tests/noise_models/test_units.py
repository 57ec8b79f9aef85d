import numpy as np
import pytest
from helpers.images import noisy_images

from divnoising_tf import GaussianNoiseModel, InputError
from divnoising_tf.errors import BlankImageError
from divnoising_tf.noise_models.units import check_units, noise_share

_NOISE = GaussianNoiseModel(15.0, signal_range=(50.0, 250.0))
_IMAGES = noisy_images(4)


@pytest.mark.filterwarnings("error::UserWarning")
def test_images_in_the_units_of_the_noise_model_pass():
    assert check_units(_IMAGES, _NOISE) < 0.01
    assert check_units([_IMAGES[0], _IMAGES[1, :9]], _NOISE) < 0.01


@pytest.mark.parametrize("wrong", [_IMAGES * 16, _IMAGES + 3000, -_IMAGES, _IMAGES / 255])
def test_images_in_other_units_are_refused(wrong):
    with pytest.raises(InputError, match="units"):
        check_units(wrong, _NOISE)


def test_a_noise_model_for_any_signal_is_compared_by_its_noise():
    noise = GaussianNoiseModel(15.0)
    assert check_units(_IMAGES, noise) == 0
    with pytest.raises(InputError, match="vary less than their noise"):
        check_units(_IMAGES / 100, noise)


def test_a_part_out_of_range_is_a_warning_that_names_the_share():
    images = _IMAGES.copy()
    images[0] += 1000
    with pytest.warns(UserWarning, match=r"25\.\d % of the pixels"):
        assert check_units(images, _NOISE) == pytest.approx(0.25, abs=0.01)


def test_large_images_are_looked_at_in_all_columns():
    images = np.full((1, 2048, 2048), 100.0)
    images[:, :, 1536:] = 5000
    images[:, ::2] += 15
    with pytest.warns(UserWarning, match="out of the noise model's range"):
        assert check_units(images, _NOISE) == pytest.approx(0.25, abs=0.01)


def test_a_refusal_and_a_warning_name_the_images():
    images, names = [*_IMAGES, _IMAGES[0] + 5000], ["a.tif", "b.tif", "c.tif", "d.tif", "e.tif"]
    with pytest.warns(UserWarning, match=r"nearly all in e\.tif"):
        check_units(images, _NOISE, names)
    with pytest.raises(InputError, match=r"nearly all in a\.tif, b\.tif"):
        check_units([one + 5000 for one in _IMAGES], _NOISE, names[:4])


def test_blank_images_are_told_from_images_in_other_units():
    with pytest.raises(BlankImageError, match="100 counts everywhere"):
        check_units([np.full((9, 9), 100), np.full((5, 7), 100)], _NOISE)
    with pytest.raises(InputError, match="vary less") as caught:
        check_units(np.linspace(100, 101, 99), _NOISE)
    assert not isinstance(caught.value, BlankImageError)


@pytest.mark.parametrize("signal_range", [None, (50.0, 250.0)])
def test_hot_pixels_do_not_hide_how_much_is_noise(signal_range):
    noise = GaussianNoiseModel(60.0, signal_range=signal_range)
    pixels = np.random.default_rng(0).normal(np.tile([120.0, 180.0], 5000), 60)
    share = noise_share(pixels, noise)
    pixels[::2000] = 65535
    assert noise_share(pixels, noise) == pytest.approx(share, abs=0.01)
