import itertools

import numpy as np
import pytest
from helpers.random_models import random_model
from hypothesis import given, settings
from hypothesis import strategies as st

from divnoising_tf.applications import consensus_average
from divnoising_tf.data.augmentation import turned
from divnoising_tf.posterior.orientations import oriented, oriented_region, restored

# float32 of some hundred counts; models without spread still have 5e-5 in their latents
_CLOSE = {"atol": 1e-2}


@pytest.fixture(scope="module")
def model():
    return random_model(depth=1)


@pytest.fixture
def image(rng):
    return rng.normal(100, 20, (13, 18)).astype(np.float32)


def _make_certain(model):
    """Leave the latents no spread: every sample is the decoded mean."""
    kernel, bias = model.encoder._log_variance.weights
    kernel.assign(np.zeros(kernel.shape))
    bias.assign(np.full(bias.shape, -20.0))


def _make_equivariant(model):
    """Average every kernel over the eight orientations: turned images give turned results."""
    for variable in (*model.encoder.weights, *model.decoder.weights):
        if len(variable.shape) == 4:
            kernel = np.moveaxis(np.asarray(variable), (0, 1), (-3, -2))
            kernel = np.mean([oriented(kernel, one) for one in range(8)], axis=0)
            variable.assign(np.moveaxis(kernel, (-3, -2), (0, 1)))


@settings(deadline=None, max_examples=50)
@given(
    size=st.tuples(st.integers(1, 7), st.integers(1, 7), st.integers(1, 3)),
    orientation=st.integers(0, 7),
    data=st.data(),
)
def test_turning_forward_and_back_is_the_identity_and_regions_follow(size, orientation, data):
    image = np.arange(np.prod(size)).reshape(size)
    there = oriented(image, orientation)
    np.testing.assert_array_equal(restored(there, orientation), image)
    ends = (sorted(data.draw(st.tuples(*(st.integers(0, side),) * 2))) for side in size[:2])
    region = tuple(slice(*one) for one in ends)
    place = oriented_region(region, size[:2], orientation)
    np.testing.assert_array_equal(there[place], oriented(image[region], orientation))


def test_orientations_are_those_of_training(rng):
    patches = rng.random((8, 4, 4, 2))
    expected = turned(patches, np.arange(8))
    for orientation in range(8):
        np.testing.assert_array_equal(
            oriented(patches[orientation], orientation), expected[orientation]
        )


def test_each_sample_is_one_of_an_orientation_turned_back(model, image):
    posterior = model.posterior(image, seed=3)
    samples = posterior.augmented().sample(19)
    np.testing.assert_allclose(samples[::8], posterior.sample(3), **_CLOSE)
    # the seed of an orientation is its own, and known to nobody: moments tell which it is
    for orientation in range(1, 8):
        there = oriented(image[..., np.newaxis], orientation)[..., 0]
        one, other = restored(model.posterior(there).sample(2)[..., np.newaxis], orientation)[
            ..., 0
        ]
        near = np.abs(samples[orientation] - one).mean()
        assert near < 4 * np.abs(one - other).mean()


def test_same_seed_same_samples_however_they_are_asked_for(model, image):
    samples = model.posterior(image, seed=1).augmented().sample(18)
    again = model.posterior(image, seed=1).augmented()
    np.testing.assert_allclose(again.sample(3), samples[:3], **_CLOSE)
    streamed = np.stack(list(itertools.islice(again, 11)))
    np.testing.assert_allclose(streamed, samples[:11], **_CLOSE)
    tiled = model.posterior(image, seed=1, tile_size=8).augmented()
    np.testing.assert_allclose(tiled.sample(18), samples, **_CLOSE)
    differences = np.abs(samples[:, np.newaxis] - samples).mean(axis=(2, 3))
    assert differences[np.triu_indices(18, 1)].min() > 0.01


@pytest.mark.parametrize("n", [2, 7, 24])
def test_moments_are_those_of_the_samples(model, image, n):
    posterior = model.posterior(image).augmented()
    samples = posterior.sample(n).astype(np.float64)
    moments = posterior.moments(n)
    np.testing.assert_allclose(moments.mean, samples.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(moments.standard_deviation, samples.std(axis=0, ddof=1), rtol=2e-3)


def test_regions_mode_clusters_and_applications_take_them_as_they_are(model, image):
    posterior = model.posterior(image).augmented()
    samples = posterior.sample(20)
    clusters = posterior.clusters(slice(3, 9), slice(5, 17), n=20, bandwidth=1e9)
    np.testing.assert_allclose(clusters.images[0], samples[:, 3:9, 5:17].mean(axis=0), **_CLOSE)
    assert posterior.mode(9).shape == image.shape
    labels = consensus_average(itertools.islice(posterior, 3), radius=3)
    np.testing.assert_array_equal(labels, consensus_average(samples[:3], radius=3))


def test_stopping_and_pairs_work_on_all_orientations(model, image):
    posterior = model.posterior(image).augmented()
    moments = posterior.moments(4000, tolerance=0.2)
    assert moments.samples == pytest.approx(25, abs=1)
    pairs = posterior.moments(32, antithetic=True)
    assert pairs.samples == 32
    many = posterior.moments(160)
    spread = many.standard_deviation.mean()
    np.testing.assert_allclose(pairs.mean, many.mean, atol=1.5 * spread)
    assert np.abs(pairs.mean - many.mean).mean() < 0.2 * spread


@pytest.mark.parametrize(
    ("shape", "axes"),
    [((9, 13), "YX"), ((2, 9, 13), "TYX"), ((9, 3, 13, 2), "YTXZ"), ((1, 5), "YX")],
)
def test_any_size_and_axes_with_a_certain_model(shape, axes, rng):
    # every sample is the decoded mean of its orientation: all is exact
    model = random_model(depth=1)
    _make_certain(model)
    image = rng.normal(100, 20, shape).astype(np.float32)
    posterior = model.posterior(image, axes)
    plain, augmented = posterior.moments(8), posterior.augmented().moments(8)
    assert plain.standard_deviation.max() < 0.01
    assert augmented.mean.shape == augmented.standard_deviation.shape == shape
    assert np.abs(augmented.mean - plain.mean).max() > 0.1
    # the mean over all orientations turns with the image
    rows, columns = axes.index("Y"), axes.index("X")
    turned_image = np.rot90(image, axes=(rows, columns))
    other = model.posterior(turned_image, axes).augmented().moments(8)
    expected = np.rot90(augmented.mean, axes=(rows, columns))
    np.testing.assert_allclose(other.mean, expected, **_CLOSE)


def test_channels_turn_together(rng):
    model = random_model(depth=1, channels=2)
    _make_certain(model)
    image = rng.normal(100, 20, (2, 7, 10)).astype(np.float32)
    augmented = model.posterior(image).augmented().moments(8).mean
    flipped = model.posterior(image[:, :, ::-1].copy()).augmented().moments(8).mean
    np.testing.assert_allclose(flipped[:, :, ::-1], augmented, **_CLOSE)


def test_an_equivariant_model_gives_what_it_gives_without(rng):
    model = random_model(depth=1)
    _make_equivariant(model)
    image = rng.normal(100, 20, (12, 18)).astype(np.float32)
    posterior = model.posterior(image)
    plain, augmented = posterior.moments(240), posterior.augmented().moments(240)
    error = plain.standard_deviation * np.sqrt(2 / 240)
    assert np.abs(plain.mean - augmented.mean).max() < (5 * error).max()
    ratio = augmented.standard_deviation.mean() / plain.standard_deviation.mean()
    assert ratio == pytest.approx(1, abs=0.04)
    _make_certain(model)
    certain = model.posterior(image)
    np.testing.assert_allclose(certain.augmented().sample(8), certain.sample(8), **_CLOSE)


def test_a_seed_of_the_image_and_words(model, image):
    posterior = model.posterior(image, seed=None).augmented()
    np.testing.assert_allclose(
        posterior.sample(1), model.posterior(image, seed=None).sample(1), **_CLOSE
    )
    assert posterior.augmented() is posterior
    assert repr(posterior) == "AugmentedPosterior(1 plane(s) of 13×18 pixels, axes YX, seed None)"
    np.testing.assert_array_equal(posterior.image, image)
