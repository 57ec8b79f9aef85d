import numpy as np
import pytest
from helpers.images import noisy_images

from divnoising_tf import GaussianNoiseModel, InputError
from divnoising_tf.noise_models.units import check_units

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
