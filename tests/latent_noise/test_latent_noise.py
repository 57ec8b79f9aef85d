"""The latent noise is normal, independent between all its keys, and the same everywhere."""

import itertools
import statistics

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kstest

from divnoising_tf.errors import InputError
from divnoising_tf.latent_noise.noise import latent_noise, plane_seed, seed_of_image

PRIME, BASE = 2_147_395_589, 46_340
FIELD = (128, 128, 64)
# correlations of n independent pairs have a standard deviation of 1/sqrt(n)
FOUR_SIGMA = 4 / np.sqrt(np.prod(FIELD))


def plain_hash(key, *words):
    """The same rule in Python's integers, which know no overflow."""
    for word in words:
        state = word % PRIME
        for constant in (314_159_265, 358_979_323, 846_264_338, 327_950_288):
            state = pow(state + key + constant, 3, PRIME)
        key = (state + key) % PRIME
    return key


def plain_noise(seed, sample, row, column, channel):
    place = [plain_hash(chain, seed, sample, row, column) for chain in range(3)]
    words = [plain_hash(chain, channel // 2) for chain in range(3)]
    mixed = (place[0] * words[0] + place[1]) % PRIME
    mixed = (mixed * mixed + place[2] * words[1]) % PRIME
    mixed = (mixed * mixed + place[0] * words[2]) % PRIME
    digit = mixed % BASE if channel % 2 else mixed // BASE
    return statistics.NormalDist().inv_cdf((digit + 0.5) / BASE)


def field(seed=0, sample=0, shape=FIELD):
    return latent_noise(seed, sample, *shape).numpy()


def correlation(a, b):
    return float(np.mean(a * b) - np.mean(a) * np.mean(b)) / float(np.std(a) * np.std(b))


def uncorrelated(a, b, limit=FOUR_SIGMA):
    """Neither values nor squares nor the one with the other."""
    pairs = itertools.product((a, a**2), (b, b**2))
    return max(abs(correlation(*pair)) for pair in pairs) < limit


@pytest.fixture(scope="module")
def noise():
    return field()


def test_equals_integers_without_overflow():
    seed, sample = 1_234_567_890, 99
    values = latent_noise(seed, sample, 3, 4, 5, first_row=70_000, first_column=1_000).numpy()
    expected = [
        plain_noise(seed, sample, 70_000 + row, 1_000 + column, channel)
        for row, column, channel in np.ndindex(3, 4, 5)
    ]
    # the table is scaled to unit variance, by less than 1e-4
    np.testing.assert_allclose(values.ravel(), expected, rtol=1e-4)


def test_is_standard_normal(noise):
    values = noise.astype(np.float64).ravel()
    n = values.size
    assert abs(values.mean()) < 4 / np.sqrt(n)
    assert abs(values.var() - 1) < 4 * np.sqrt(2 / n)
    assert abs(np.mean(values**3)) < 4 * np.sqrt(15 / n)
    assert abs(np.mean(values**4) - 3) < 4 * np.sqrt(96 / n)
    assert kstest(values, "norm").pvalue > 1e-3
    assert np.abs(values).max() > 4


def test_both_halves_of_a_hash_are_normal_and_independent(noise):
    even, odd = noise[..., 0::2], noise[..., 1::2]
    assert kstest(even.ravel(), "norm").pvalue > 1e-3
    assert kstest(odd.ravel(), "norm").pvalue > 1e-3
    assert uncorrelated(even, odd, FOUR_SIGMA * np.sqrt(2))


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("lag", [1, 2, 3])
def test_neighbours_are_independent(noise, axis, lag):
    there = np.moveaxis(noise, axis, 0)
    assert uncorrelated(there[lag:], there[:-lag])


def test_all_channels_are_independent(noise):
    channels = noise.reshape(-1, FIELD[2])
    n = len(channels)
    for values in (channels, channels**2):
        matrix = np.corrcoef(values.T) - np.eye(FIELD[2])
        assert np.abs(matrix).max() < 5 / np.sqrt(n)
        # their correlations are spread as those of independent channels, and no more
        assert np.sqrt(np.mean(matrix**2) * n) == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"sample": 0}, {"sample": 1}),
        ({"sample": 4}, {"sample": 5}),
        ({"sample": 0}, {"sample": 63}),
        ({"seed": 0}, {"seed": 1}),
        ({"seed": 2**31}, {"seed": 2**31 + 1}),
        ({"seed": 0, "sample": 1}, {"seed": 1, "sample": 0}),
    ],
)
def test_fields_are_not_shifted_copies(one, other):
    first, second = field(**one), field(**other)
    assert uncorrelated(first, second)
    for a, b in ((first, second), (first**2, second**2), (first, np.flip(second, (0, 1)))):
        assert largest_shifted_correlation(a, b) < 6 * FOUR_SIGMA / 4


def largest_shifted_correlation(a, b):
    """Over all cyclic shifts in y, x and channel; 6 sigma is one in a million per field."""
    spectra = [np.fft.rfftn((one - one.mean()) / one.std()) for one in (a, b)]
    shifted = np.fft.irfftn(spectra[0].conj() * spectra[1], a.shape, (0, 1, 2)) / a.size
    return np.abs(shifted).max()


def test_field_is_no_shifted_copy_of_itself(noise):
    for values in (noise, noise**2):
        standard = (values - values.mean()) / values.std()
        power = np.abs(np.fft.rfftn(standard)) ** 2
        shifted = np.fft.irfftn(power, values.shape, (0, 1, 2)).ravel() / values.size
        assert shifted[0] == pytest.approx(1, abs=1e-3)
        assert np.abs(shifted[1:]).max() < 6 * FOUR_SIGMA / 4


def test_a_shifted_copy_would_be_seen(noise):
    assert largest_shifted_correlation(noise, np.roll(noise, (3, 50, 7), (0, 1, 2))) > 0.99
    assert not uncorrelated(noise, 0.99 * field(sample=1) + 0.1 * noise)


def test_samples_of_one_place_are_independent():
    draw = tf.function(lambda k: latent_noise(0, k, 8, 8, 16))
    stack = np.stack([draw(tf.constant(k)).numpy().ravel() for k in range(400)])
    assert abs(stack.mean(axis=0)).max() < 5 / np.sqrt(400)
    for lag in (1, 2, 3):
        assert uncorrelated(stack[lag:], stack[:-lag], 4 / np.sqrt(stack[lag:].size))


def test_sum_over_a_neighbourhood_has_the_variance_of_independent_terms(noise):
    blocks = noise.reshape(32, 4, 32, 4, 64).sum(axis=(1, 3))
    assert blocks.var() == pytest.approx(16, rel=4 * np.sqrt(2 / blocks.size))
    over_channels = noise.sum(axis=2)
    assert over_channels.var() == pytest.approx(64, rel=4 * np.sqrt(2 / over_channels.size))


@settings(deadline=None, max_examples=20)
@given(
    row=st.integers(0, 30),
    column=st.integers(0, 30),
    height=st.integers(1, 9),
    width=st.integers(1, 9),
    channels=st.integers(1, 9),
    seed=st.integers(-(2**70), 2**70),
)
def test_a_tile_is_a_crop_of_the_whole(row, column, height, width, channels, seed):
    whole = field(seed, 3, (39, 39, 10))
    tile = latent_noise(seed, 3, height, width, channels, row, column).numpy()
    assert tile.dtype == np.float32
    crop = whole[row : row + height, column : column + width, :channels]
    np.testing.assert_array_equal(tile, crop)


def test_graph_with_tensors_equals_eager():
    graph = tf.function(latent_noise)
    arguments = (7, 2, 5, 6, 3, 8, 9)
    for dtype in (tf.int32, tf.int64):
        tensors = [tf.constant(number, dtype) for number in arguments]
        np.testing.assert_array_equal(graph(*tensors), latent_noise(*arguments))
    assert graph(*tensors[:4], 3).shape[-1] == 3


def test_seeds_of_any_size_are_reduced_alike():
    expected = field(5, 0, (2, 2, 2))
    for seed in (5 + PRIME, 5 - PRIME, 5 + 2**40 * PRIME, np.int64(5), tf.constant(5)):
        np.testing.assert_array_equal(field(seed, 0, (2, 2, 2)), expected)


def test_several_seeds_and_samples_lead_the_shape():
    seeds, samples = tf.constant([3, 8]), tf.constant([[0], [5], [6]])
    together = latent_noise(seeds, samples, 2, 3, 5, first_row=1).numpy()
    assert together.shape == (3, 2, 2, 3, 5)
    for place, (k, seed) in enumerate(itertools.product((0, 5, 6), (3, 8))):
        alone = latent_noise(seed, k, 2, 3, 5, first_row=1)
        np.testing.assert_array_equal(together.reshape(6, 2, 3, 5)[place], alone)


def test_refuses_what_is_no_integer():
    with pytest.raises(InputError, match="integers"):
        latent_noise(0.5, 0, 2, 2, 2)


def test_planes_have_seeds_of_their_own():
    seeds = {int(plane_seed(seed, plane)) for seed in range(8) for plane in range(12)}
    assert len(seeds) == 8 * 12
    assert int(plane_seed(7, 0)) == 7
    assert int(plane_seed(tf.constant(7), tf.constant(3))) == plain_hash(0, 7, 3)


def test_seed_of_image_equals_integers_without_overflow():
    image = np.random.default_rng(0).uniform(-10, 70_000, (5, 4, 3)).astype(np.float32)
    steps = np.floor(image * np.float32(256)).astype(object).reshape(5, 12)
    expected = sum(
        int(steps[row, place]) * plain_hash(1, place) * plain_hash(0, row)
        for row, place in np.ndindex(5, 12)
    )
    assert int(seed_of_image(image)) == expected % PRIME
    assert int(tf.function(seed_of_image)(image)) == expected % PRIME


def test_seed_of_image_knows_where_pixels_are():
    image = np.random.default_rng(0).integers(0, 1000, (8, 8))
    moved = [np.roll(image, 1, 0), np.roll(image, 1, 1), image[::-1], image[:, ::-1], image.T]
    moved += [image + 1, np.where(image == image[3, 4], image[3, 5], image)]
    # same sums of rows and columns
    moved += [np.array([[0, 1], [1, 0]]), np.array([[1, 0], [0, 1]])]
    seeds = [int(seed_of_image(one)) for one in (image, *moved)]
    assert len(set(seeds)) == len(seeds)
    assert all(0 <= seed < PRIME for seed in seeds)


def test_seed_of_image_is_that_of_its_values():
    image = np.random.default_rng(0).integers(0, 65_535, (6, 7)).astype(np.uint16)
    expected = int(seed_of_image(image))
    for same in (image.astype(np.float32), image.astype(np.int64), image[..., np.newaxis]):
        assert int(seed_of_image(same)) == expected
    assert int(seed_of_image(np.full((2, 2), np.inf))) >= 0
    # images between 0 and 1 differ too
    assert int(seed_of_image(image / 65_535)) != int(seed_of_image(image[::-1] / 65_535))


def test_seed_of_image_refuses_less_than_an_image():
    with pytest.raises(InputError, match="two axes"):
        seed_of_image(np.zeros(5))
