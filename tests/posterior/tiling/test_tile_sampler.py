import numpy as np
import pytest
from helpers.random_models import MEAN, STANDARD_DEVIATION, random_model

from divnoising_tf import InputError
from divnoising_tf.latent_noise.noise import plane_seed
from divnoising_tf.posterior.tiling.tile_sampler import TileSampler
from divnoising_tf.posterior.tiling.tiles import tiles, tiles_of


@pytest.fixture(scope="module")
def model():
    return random_model()


def _image(height, width, channels=1):
    rng = np.random.default_rng(3)
    return rng.normal(MEAN, STANDARD_DEVIATION, (height, width, channels)).astype(np.float32)


def test_tiles_side_by_side_are_the_samples_of_the_image(model):
    image = _image(61, 90)
    whole = model.posterior(image[..., 0], seed=5).sample(3)
    result = np.empty((3, 61, 90, 1), np.float32)
    for tile in reversed(tiles((61, 90), 24, model.reach)):
        rows, columns = tile.core
        sampler = TileSampler(model, image[tile.outer], tile, seed=5)
        result[:, rows, columns] = sampler.sample(0, 3)
    np.testing.assert_allclose(result[..., 0], whole, atol=1e-4 * whole.std())
    # the test would not notice anything in a flat image
    assert whole.std() > 1


def test_batches_are_those_of_the_samples(model):
    image = _image(40, 40)
    tile = tiles((40, 40), 16, model.reach)[4]
    sampler = TileSampler(model, image[tile.outer], tile, plane_seed(2, 3), pixels_at_once=10_000)
    samples = sampler.sample(0, 9)
    assert samples.shape == (9, 16, 16, 1)
    assert samples.dtype == np.float32
    batches = list(sampler.batches(7, first=2))
    assert [len(batch) for batch in batches] == [6, 1]
    np.testing.assert_allclose(np.concatenate(batches), samples[2:], atol=1e-3)


def test_a_part_of_a_tile_is_not_encoded_again(model, monkeypatch):
    image = _image(61, 90)
    tile = tiles((61, 90), 40, model.reach)[4]
    sampler = TileSampler(model, image[tile.outer], tile, seed=5)
    samples = sampler.sample(2, 3)
    monkeypatch.setattr(model, "encode", None)
    parts = tiles_of(tile.core, (61, 90), 12, model.reach)
    assert len(parts) == 2 * 4
    for part in parts:
        rows, columns = (
            slice(one.start - whole.start, one.stop - whole.start)
            for one, whole in zip(part.core, tile.core, strict=True)
        )
        np.testing.assert_allclose(
            sampler.part(part).sample(2, 3), samples[:, rows, columns], atol=1e-4 * samples.std()
        )
    assert sampler.part(tile) is sampler


def test_refuses_other_pixels_than_those_of_the_tile(model):
    image = _image(40, 40)
    tile = tiles((40, 40), 16, model.reach)[0]
    for pixels in (image[tile.core], image[tile.outer][..., 0]):
        with pytest.raises(InputError, match="not those of the tile"):
            TileSampler(model, pixels, tile, seed=0)
    with pytest.raises(InputError, match="NaN"):
        TileSampler(model, np.full_like(image[tile.outer], np.nan), tile, seed=0)
