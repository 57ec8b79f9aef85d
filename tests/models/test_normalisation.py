import numpy as np
import pytest
import tensorflow as tf

from divnoising_tf import InputError
from divnoising_tf.models.normalisation import Normalisation


def test_measures_arrays_and_data_sets_alike(rng):
    images = rng.normal((100, 7), (20, 0.5), size=(8, 16, 16, 2)).astype(np.float32)
    from_array, from_dataset = Normalisation(2), Normalisation(2)
    from_array.adapt(images)
    from_dataset.adapt(tf.data.Dataset.from_tensor_slices(images).batch(3))
    np.testing.assert_allclose(from_array.mean, images.mean(axis=(0, 1, 2)), rtol=1e-5)
    np.testing.assert_allclose(from_array.standard_deviation, images.std(axis=(0, 1, 2)), rtol=1e-4)
    np.testing.assert_allclose(from_dataset.mean, from_array.mean, rtol=1e-6)


def test_normalised_images_have_mean_0_and_deviation_1_and_come_back(rng):
    images = rng.integers(0, 65535, size=(4, 16, 16, 1)).astype(np.uint16)
    layer = Normalisation(1)
    layer.adapt(images)
    normalised = layer.apply(images)
    assert abs(float(tf.reduce_mean(normalised))) < 1e-4
    assert float(tf.math.reduce_std(normalised)) == pytest.approx(1, rel=1e-4)
    np.testing.assert_allclose(layer.invert(normalised), images, atol=0.01)


def test_small_deviation_on_a_large_offset_is_measured():
    images = np.tile([[60000.0, 60001.0]], (64, 32)).reshape(1, 64, 64, 1)
    layer = Normalisation(1)
    layer.adapt(images)
    assert layer.standard_deviation[0] == pytest.approx(0.5, rel=1e-3)


@pytest.mark.parametrize(
    ("images", "reason"),
    [
        (np.full((2, 8, 8, 1), 7.0), "constant"),
        (np.full((2, 8, 8, 1), np.nan), "NaN"),
        (np.zeros((0, 8, 8, 1)), "no images"),
        (np.zeros((2, 8, 8, 3)), "shape"),
    ],
)
def test_refuses(images, reason):
    layer = Normalisation(1)
    with pytest.raises(InputError, match=reason):
        layer.adapt(images)
    assert not layer.adapted
