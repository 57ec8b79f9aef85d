import itertools
import logging

import numpy as np
import pytest
import tensorflow as tf
from helpers.random_models import MEAN, STANDARD_DEVIATION, random_model
from hypothesis import given, settings
from hypothesis import strategies as st

from divnoising_tf import InputError
from divnoising_tf.posterior.tiling import tiled_planes


@pytest.fixture(scope="module")
def model():
    return random_model()


def _image(*shape):
    rng = np.random.default_rng(3)
    return rng.normal(MEAN, STANDARD_DEVIATION, shape).astype(np.float32)


def _largest_difference(tiled, whole):
    """Of samples, in standard deviations of the signal."""
    return np.abs(tiled - whole).max() / whole.std()


@pytest.mark.parametrize(
    ("depth", "channels", "noise", "shape"),
    [
        (1, 1, "Gaussian", (45, 38)),
        (2, 1, "Gaussian", (133, 101)),
        (2, 2, "GMM", (2, 87, 150)),
        (3, 1, "GMM", (171, 143)),
        (3, 2, "Gaussian", (2, 96, 129)),
    ],
)
def test_samples_of_tiles_are_those_of_the_whole_image(depth, channels, noise, shape):
    model, image = random_model(depth, channels, noise, seed=depth), _image(*shape)
    whole = model.posterior(image, seed=1).sample(2)
    for tile_size in (24, 38, 64):
        tiled = model.posterior(image, seed=1, tile_size=tile_size).sample(2)
        assert _largest_difference(tiled, whole) <= 1e-4
    # what is compared has structure, and samples that differ
    assert whole.std() > 1
    assert np.std(whole[0] - whole[1]) > 0.1


def test_samples_of_tiles_in_bfloat16(model):
    mixed = random_model(dtype="mixed_bfloat16")
    image = _image(133, 101)
    whole = mixed.posterior(image).sample(2)
    tiled = mixed.posterior(image, tile_size=40).sample(2)
    assert _largest_difference(tiled, whole) <= 0.02
    assert np.sqrt(np.mean((tiled - whole) ** 2)) / whole.std() <= 1e-3


@settings(deadline=None, max_examples=10)
@given(height=st.integers(1, 40), width=st.integers(1, 40), tile_size=st.integers(1, 50))
def test_images_smaller_than_the_halo_or_the_tile(model, height, width, tile_size):
    image = _image(height, width)
    whole = model.posterior(image).sample(1)
    tiled = model.posterior(image, tile_size=max(tile_size, min(height, width) // 4)).sample(1)
    np.testing.assert_allclose(tiled, whole, atol=1e-4 * STANDARD_DEVIATION)


def test_every_result_of_a_stack_is_the_same_in_tiles(model):
    stack = _image(3, 50, 41)
    whole = model.posterior(stack, axes="TYX", seed=4)
    tiled = model.posterior(stack, axes="TYX", seed=4, tile_size=20)
    for one, other in zip(tiled.moments(20), whole.moments(20), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4 * STANDARD_DEVIATION)
    for one, other in zip(itertools.islice(tiled, 3), whole.sample(3), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4 * STANDARD_DEVIATION)


def test_latents_that_do_not_fit_are_encoded_again(model, monkeypatch):
    image = _image(50, 41)
    expected = model.posterior(image).sample(3)
    encoded, encode = [], model.encode
    monkeypatch.setattr(model, "encode", lambda pixels: encoded.append(1) or encode(pixels))
    kept = model.posterior(image, tile_size=24)
    list(itertools.islice(kept, 3))
    kept.moments(4)
    assert len(encoded) == 6
    # 1 MB is enough for some samples, but a quarter of it is not for 100 kB of latents
    encoded.clear()
    monkeypatch.setattr(tiled_planes, "_KEPT_SHARE", 0.025)
    monkeypatch.setattr(tiled_planes, "available_memory", lambda: 1_000_000)
    short = model.posterior(image, tile_size=24)
    streamed = np.stack(list(itertools.islice(short, 3)))
    np.testing.assert_allclose(streamed, expected, atol=1e-4 * STANDARD_DEVIATION)
    assert len(encoded) == 6


class _Faults:
    """Fails like a model without memory for samples of more than some pixels at once."""

    def __init__(self, model, most_pixels, error):
        self._decode, self._most, self._error = model.decode_samples, most_pixels, error
        self.sizes = []

    def __call__(self, context, seed, first, count, *place):
        self.sizes.append(count * context[0].shape[1] * context[0].shape[2] * 16)
        # not with the first sample, so that a part of the work is lost
        if self.sizes[-1] > self._most and first > 0:
            raise self._error
        return self._decode(context, seed, first, count, *place)


@pytest.fixture
def one_at_once(monkeypatch):
    monkeypatch.setattr(tiled_planes, "PIXELS_AT_ONCE", 1)


@pytest.mark.parametrize(
    ("tile_size", "error", "expected"),
    [
        (None, MemoryError(), [(90, 45), (45, 22)]),
        (40, tf.errors.ResourceExhaustedError(None, None, "OOM"), [(40, 20)]),
    ],
)
def test_smaller_tiles_when_memory_runs_out(
    model, monkeypatch, caplog, one_at_once, tile_size, error, expected
):
    stack = _image(2, 90, 83)
    mean, deviation = model.posterior(stack).moments(3)
    faults = _Faults(model, 60 * 60, error)
    monkeypatch.setattr(model, "decode_samples", faults)
    posterior = model.posterior(stack, tile_size=tile_size)
    with caplog.at_level(logging.WARNING, "divnoising_tf"):
        moments = posterior.moments(3)
    np.testing.assert_allclose(moments.mean, mean, atol=1e-4 * STANDARD_DEVIATION)
    np.testing.assert_allclose(
        moments.standard_deviation, deviation, atol=1e-4 * STANDARD_DEVIATION
    )
    assert [record.args for record in caplog.records] == expected
    # what was learned is not forgotten
    faults.sizes.clear()
    posterior.moments(2)
    assert max(faults.sizes) <= 60 * 60
    assert len(caplog.records) == len(expected)


def test_gives_up_when_the_smallest_tile_does_not_fit(model, monkeypatch, one_at_once):
    monkeypatch.setattr(model, "decode_samples", _Faults(model, 0, MemoryError()))
    with pytest.raises(InputError, match=r"not enough memory.*tiles of 22 pixels"):
        model.posterior(_image(90, 83)).moments(3)


def test_refuses_tile_sizes(model):
    with pytest.raises(InputError, match="whole numbers of pixels"):
        model.posterior(_image(8, 8), tile_size=0)
