import numpy as np

from divnoising_tf.data.augmentation import turned


def test_the_eight_symmetries_differ_and_keep_the_pixels():
    patch = np.arange(9).reshape(1, 3, 3, 1)
    eight = turned(np.repeat(patch, 8, axis=0), np.arange(8))
    assert len({one.tobytes() for one in eight}) == 8
    np.testing.assert_array_equal(eight[0], patch[0])
    np.testing.assert_array_equal(np.sort(eight.reshape(8, 9), axis=1), np.tile(range(9), (8, 1)))


def test_each_patch_is_turned_by_its_own_number_and_channels_stay():
    random = np.random.default_rng(0)
    patches = random.random((50, 4, 4, 2))
    which = random.integers(8, size=50)
    together = turned(patches, which)
    for patch, symmetry, result in zip(patches, which, together, strict=True):
        expected = np.rot90(patch, symmetry % 4)
        np.testing.assert_array_equal(result, expected[:, ::-1] if symmetry > 3 else expected)
