"""Samples of a region are the whole image's, cropped."""

import logging

import numpy as np
import pytest
import tensorflow as tf
from helpers.random_models import STANDARD_DEVIATION, random_model

from divnoising_tf import InputError, Posterior
from divnoising_tf.posterior.tiling import tiled_planes
from divnoising_tf.posterior.tiling.regions import checked_region
from divnoising_tf.posterior.tiling.tiled_planes import TiledPlanes

_SEEDS = [7, 8]


@pytest.fixture(scope="module")
def images():
    rng = np.random.default_rng(3)
    return rng.normal(100, 20, (2, 61, 75, 1)).astype(np.float32)


@pytest.fixture(scope="module")
def model():
    return random_model()


def _whole(model, images, n=3):
    """Return samples (n, plane, y, x, channel) of one pass over each plane."""
    region = slice(0, 61), slice(0, 75)
    planes = TiledPlanes(model, images, _SEEDS)
    return np.stack([planes.region(plane, region, n) for plane in (0, 1)], axis=1)


@pytest.mark.parametrize("all_will_follow", [False, True])
@pytest.mark.parametrize("depth", [1, 2])
def test_a_region_is_a_crop_of_the_whole(images, depth, all_will_follow):
    model = random_model(depth=depth)
    whole = _whole(model, images)
    for region in [(slice(20, 31), slice(33, 40)), (slice(0, 61), slice(74, 75))]:
        for tile_size in (None, 24):
            planes = TiledPlanes(model, images, _SEEDS, tile_size)
            part = planes.region(1, region, 3, all_will_follow)
            difference = np.abs(part - whole[:, 1, region[0], region[1]]).max()
            assert difference < 1e-4 * STANDARD_DEVIATION


def test_what_was_encoded_is_not_encoded_again(images, model, monkeypatch):
    encoded, encode = [], model.encode
    monkeypatch.setattr(
        model, "encode", lambda pixels: encoded.append(pixels.shape[1:3]) or encode(pixels)
    )
    posterior = model.posterior(images[0, ..., 0], tile_size=40)
    expected = posterior.mode(4)
    # bands of rows of all four tiles
    assert len(encoded) == 4
    posterior.sample(2)
    posterior.clusters(slice(8, 20), slice(30, 50), n=20)
    np.testing.assert_array_equal(posterior.mode(4), expected)
    assert len(encoded) == 4
    encoded.clear()
    # a crop alone does not take whole tiles
    model.posterior(images[0, ..., 0]).clusters(slice(0, 4), slice(0, 4), n=20)
    assert encoded == [(32, 32)]


class _Faults:
    """Fails like a model without memory for samples of more than some pixels."""

    def __init__(self, model, most_pixels, error):
        self._decode, self._most, self._error = model.decode_samples, most_pixels, error
        self.failed = 0

    def __call__(self, context, seed, first, count, *place):
        if context[0].shape[1] * context[0].shape[2] * 16 > self._most and first > 0:
            self.failed += 1
            raise self._error
        return self._decode(context, seed, first, count, *place)


@pytest.fixture
def one_at_once(monkeypatch):
    monkeypatch.setattr(tiled_planes, "PIXELS_AT_ONCE", 1)


@pytest.mark.parametrize(
    "error", [MemoryError(), tf.errors.ResourceExhaustedError(None, None, "OOM")]
)
def test_mode_and_clusters_go_on_in_smaller_tiles(
    images, model, monkeypatch, caplog, one_at_once, error
):
    stack = images[..., 0]
    mode = model.posterior(stack).mode(5)
    clusters = model.posterior(stack).clusters(slice(3, 40), None, n=20, plane=1)
    for work, expected in (
        (lambda posterior: posterior.mode(5), mode),
        (
            lambda posterior: posterior.clusters(slice(3, 40), None, n=20, plane=1).images,
            clusters.images,
        ),
    ):
        with monkeypatch.context() as patch:
            faults = _Faults(model, 60 * 60, error)
            patch.setattr(model, "decode_samples", faults)
            caplog.clear()
            with caplog.at_level(logging.WARNING, "divnoising_tf"):
                found = work(model.posterior(stack))
        np.testing.assert_allclose(found, expected, atol=1e-3 * STANDARD_DEVIATION)
        assert faults.failed == len(caplog.records) > 0
        assert caplog.records[0].args == (75, 37)


def test_gives_up_when_the_smallest_tile_does_not_fit(images, model, monkeypatch, one_at_once):
    monkeypatch.setattr(model, "decode_samples", _Faults(model, 0, MemoryError()))
    with pytest.raises(InputError, match="not enough memory"):
        model.posterior(images[0, ..., 0]).mode(4)


def test_bands_of_the_mode_are_bounded_by_the_free_memory(images, model, monkeypatch):
    expected = model.posterior(images[0, ..., 0]).mode(4)
    rows_drawn, draw = [], Posterior._draw_rows

    def noted(self, plane, n, rows):
        rows_drawn.append(rows.stop - rows.start)
        return draw(self, plane, n, rows)

    monkeypatch.setattr(Posterior, "_draw_rows", noted)
    # a quarter of it, of float32, for 4 samples of 20 rows
    monkeypatch.setattr(tiled_planes, "available_memory", lambda: 4 * 4 * 4 * 20 * 75)
    posterior = model.posterior(images[0, ..., 0])
    np.testing.assert_allclose(posterior.mode(4), expected, atol=1e-3 * STANDARD_DEVIATION)
    assert 10 < max(rows_drawn) <= 20


def test_negative_ends_count_from_the_end():
    assert checked_region(slice(-5, None), slice(None, -1), (20, 30)) == (
        slice(15, 20),
        slice(0, 29),
    )
