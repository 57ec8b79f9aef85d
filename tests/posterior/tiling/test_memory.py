import functools

import pytest

from divnoising_tf import DivNoising, GaussianNoiseModel
from divnoising_tf.posterior.tiling import memory
from divnoising_tf.posterior.tiling.memory import largest_tile_size, tile_bytes

GIB = 2**30


@functools.cache
def _model(depth=2, base_channels=32, dtype="float32"):
    return DivNoising(GaussianNoiseModel(1.0), depth, base_channels=base_channels, dtype=dtype)


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_tiles_fit_in_half_of_the_memory_and_are_the_largest_that_do(depth):
    model = _model(depth)
    assert largest_tile_size(model, 100 * GIB) == 1024
    for available in (GIB, GIB // 4, GIB // 20):
        size = largest_tile_size(model, available)
        assert size % model.multiple == 0
        assert tile_bytes(model, size) <= available / 2
        assert size == 1024 or tile_bytes(model, 2 * size) > available / 2
    smallest = model.reach.decode
    assert smallest <= largest_tile_size(model, 0) < 2 * smallest


def test_larger_networks_and_formats_have_smaller_tiles():
    sizes = [largest_tile_size(_model(base_channels=base), GIB) for base in (32, 128, 512)]
    assert sizes == sorted(sizes, reverse=True)
    assert len(set(sizes)) == 3
    assert tile_bytes(_model(dtype="mixed_bfloat16"), 512) < tile_bytes(_model(), 512)
    assert largest_tile_size(_model(), 8 * GIB) == memory._LARGEST_TILE
