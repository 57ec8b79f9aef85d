import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from divnoising_tf.data import patches
from divnoising_tf.errors import InputError

_RANDOM = np.random.default_rng(0)


def _coded(planes, height, width, dtype=np.int32):
    """Every pixel holds its own number, so that a patch tells where it was cut."""
    return np.arange(planes * height * width, dtype=dtype).reshape(planes, height, width)


def _pixels(dataset):
    return {int(value) for batch in dataset for value in np.unique(batch)}


def _batches(dataset):
    return [batch.numpy() for batch in dataset]


@settings(deadline=None, max_examples=15)
@given(
    st.integers(1, 9),
    st.integers(16, 50),
    st.integers(32, 60),
    st.sampled_from([0.05, 0.15, 0.5]),
    st.integers(0, 5),
)
def test_validation_shares_no_pixel_with_training(planes, height, width, fraction, seed):
    images = _coded(planes, height, width)
    train, validation = patches(
        images, 16, 8, validation_fraction=fraction, seed=seed, steps_per_epoch=20
    )
    assert _pixels(train).isdisjoint(_pixels(validation))
    assert validation.cardinality() == len(_batches(validation)) >= 1


def test_batches_have_the_promised_shape_type_and_number():
    train, validation = patches(_coded(10, 64, 64, np.uint16), 32, 8, validation_fraction=0.2)
    batches = _batches(train)
    # 8 training images of 4 tiles, 2 validation images of 4 tiles
    assert [batch.shape for batch in batches] == [(8, 32, 32, 1)] * 4
    assert train.cardinality() == 4
    assert validation.cardinality() == 1
    assert batches[0].dtype == np.float32
    assert len(np.unique(next(iter(validation)))) == 8 * 32 * 32


def test_an_epoch_visits_every_training_image():
    images = np.stack([np.full((32, 32), index) + np.eye(32) * 0.5 for index in range(20)])
    train, validation = patches(images, 32, 4, validation_fraction=0.25)
    seen = {int(np.median(patch)) for batch in train for patch in batch}
    held_out = {int(np.median(patch)) for batch in validation for patch in batch}
    assert len(held_out) == 5
    assert seen | held_out == set(range(20))


def test_same_seed_same_epochs_and_every_epoch_differs():
    images = _coded(4, 64, 64)
    first = patches(images, 16, 8, seed=7, steps_per_epoch=2)[0]
    second = patches(images, 16, 8, seed=7, steps_per_epoch=2)[0]
    other = patches(images, 16, 8, seed=8, steps_per_epoch=2)[0]
    epochs = [np.stack(_batches(first)) for _ in range(3)]
    np.testing.assert_array_equal(epochs, [np.stack(_batches(second)) for _ in range(3)])
    assert not np.array_equal(epochs[0], epochs[1])
    assert not np.array_equal(epochs[0], np.stack(_batches(other)))


def test_an_interrupted_training_goes_on_with_the_epoch_it_would_have_had():
    images = _coded(4, 64, 64)
    whole = patches(images, 16, 8, seed=7, steps_per_epoch=2)[0]
    epochs = [_batches(whole) for _ in range(3)]
    resumed = patches(images, 16, 8, seed=7, steps_per_epoch=2, first_epoch=2)[0]
    np.testing.assert_array_equal(_batches(resumed), epochs[2])


def test_augmentation_turns_training_patches_only():
    ramp = np.tile(np.arange(64.0), (4, 64, 1))
    train, validation = patches(ramp, 16, 32, steps_per_epoch=3)
    slopes = {
        (round(float(np.diff(p[..., 0], axis=0).mean())), round(float(np.diff(p[..., 0]).mean())))
        for batch in _batches(train)
        for p in batch
    }
    assert slopes == {(0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)} - {(0, 0)}
    for batch in _batches(validation) + _batches(patches(ramp, 16, 32, augment=False)[0]):
        assert (np.diff(batch[..., 0], axis=2) == 1).all()


def test_lists_of_images_may_differ_in_size_and_have_channels():
    images = [_RANDOM.random((40, 50, 2)), _RANDOM.random((64, 33, 2))]
    train, validation = patches(images, 16, 4, axes="YXC")
    assert next(iter(train)).shape == (4, 16, 16, 2)
    assert next(iter(validation)).shape[1:] == (16, 16, 2)


def test_without_validation_the_whole_image_is_used():
    train, validation = patches(_coded(1, 16, 16), 16, 2, validation_fraction=0)
    assert validation is None
    assert _pixels(train) == set(range(256))


def test_the_images_are_not_copied():
    image = np.zeros((4, 64, 64), np.uint8)
    image[:, 0, 0] = 1
    train, _ = patches(image, 64, 2, validation_fraction=0, augment=False)
    image[...] = 9
    assert (next(iter(train)).numpy() == 9).all()


@pytest.mark.parametrize(
    ("images", "arguments", "message"),
    [
        (_RANDOM.random((3, 20, 40)), {}, "largest patch size that fits is 20"),
        (_RANDOM.random((1, 50)), {}, "largest patch size that fits is 1"),
        (_RANDOM.random((40, 50)), {}, "at most 25"),
        ([_RANDOM.random((64, 64)), np.zeros((64, 64), np.uint8)], {}, "image 1: uint8"),
        (np.ones((3, 64, 64)), {}, "All pixels of an image are equal"),
        (np.full((3, 64, 64), np.nan), {}, "NaN"),
        (np.zeros((3, 64, 64), complex), {}, "complex128"),
        (np.zeros((3, 64, 64), bool), {}, "bool"),
        ([], {}, "no images"),
        (_RANDOM.random((3, 64, 64)), {"validation_fraction": 1.0}, "validation_fraction"),
        (_RANDOM.random((3, 64, 64)), {"patch_size": 0}, "patch_size"),
        (_RANDOM.random((3, 64, 64)), {"seed": -1}, "seed"),
    ],
)
def test_bad_input_is_refused_with_advice(images, arguments, message):
    with pytest.raises(InputError, match=message):
        patches(images, **{"patch_size": 32, **arguments})


def test_a_blank_image_among_others_is_pointed_out():
    images = _RANDOM.random((3, 64, 64))
    images[1] = 0
    with pytest.warns(UserWarning, match="plane 1"):
        patches(images, 32)
