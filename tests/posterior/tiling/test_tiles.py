import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from divnoising_tf import InputError
from divnoising_tf.models.divnoising.networks import Decoder, Encoder
from divnoising_tf.models.divnoising.reach import network_reach
from divnoising_tf.models.padding import pad_to_multiple
from divnoising_tf.posterior.tiling.tiles import tiles, tiles_of

DEPTHS = (1, 2, 3)


def _all_positive(network, shape):
    """Give a network weights through which every input pixel raises what depends on it."""
    network(tf.zeros(shape))
    network.set_weights([np.full(weight.shape, 0.1) for weight in network.weights])
    return network


def _reach(changed, first, last):
    """Return how far places lie outside first..last, at most, on either side."""
    return first - changed.min(), changed.max() - last


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("turned", [False, True])
def test_encoder_halo_is_how_far_a_latent_sees(depth, turned):
    cell, place = 2**depth, 4
    size = (2 * place + 1) * cell
    encoder = _all_positive(Encoder(depth, 2, base_channels=2), (1, size, cell, 1))
    # one image per pixel of a line, brighter in this pixel
    images = np.eye(size, dtype=np.float32)[:, :, np.newaxis, np.newaxis].repeat(cell, axis=2)
    images = images.swapaxes(1, 2) if turned else images
    mean, _ = encoder(images)
    line = mean[:, 0, :, 0] if turned else mean[:, :, 0, 0]
    # as large a batch: for another one oneDNN may sum in another order
    dark, _ = encoder(np.zeros_like(images))
    dark_line = dark[:, 0, :, 0] if turned else dark[:, :, 0, 0]
    seen = np.flatnonzero(line[:, place] != dark_line[:, place])
    reach = _reach(seen, place * cell, (place + 1) * cell - 1)
    assert reach == (3 * cell - 2, 3 * cell - 2)
    assert network_reach(depth).encode - cell < max(reach) <= network_reach(depth).encode


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("turned", [False, True])
def test_decoder_halo_is_how_far_a_pixel_sees(depth, turned):
    cell, place, cells = 2**depth, 6, 13
    decoder = _all_positive(Decoder(depth, base_channels=2), (1, cells, 1, 1))
    latents = np.eye(cells, dtype=np.float32)[:, :, np.newaxis, np.newaxis]
    latents = latents.swapaxes(1, 2) if turned else latents
    signal, dark = decoder(latents).numpy(), decoder(np.zeros_like(latents)).numpy()
    axis = 2 if turned else 1
    changed = np.any(signal != dark, axis=(3 - axis, 3))
    seen = np.flatnonzero(changed[:, place * cell : (place + 1) * cell].any(axis=1))
    reach = _reach(seen, place, place)
    assert reach == (network_reach(depth).decode // cell,) * 2


sizes = st.integers(1, 150)


@settings(deadline=None)
@given(
    height=sizes,
    width=sizes,
    tile_height=st.integers(1, 90),
    tile_width=st.integers(1, 90),
    depth=st.sampled_from(DEPTHS),
)
def test_tiles_cover_the_image_once_with_their_halo_or_the_border(
    height, width, tile_height, tile_width, depth
):
    size, cell, reach = (height, width), 2**depth, network_reach(depth)
    covered = np.zeros(size, int)
    for tile in tiles(size, (tile_height, tile_width), reach):
        covered[tile.core] += 1
        for axis in (0, 1):
            core, outer = tile.core[axis], tile.outer[axis]
            decoded, within = tile.decoded[axis], tile.core_in_decoded[axis]
            places = tile.decoded_places(cell)[axis]
            assert core.start % cell == outer.start % cell == 0
            assert 0 < core.stop - core.start <= max((tile_height, tile_width)[axis], cell)
            assert core.stop % cell == 0 or core.stop == size[axis]
            assert outer.stop % cell == 0 or outer.stop == size[axis]
            first, last = decoded.start, decoded.stop
            assert tile.first_place(cell)[axis] * cell == first
            assert (places.stop - places.start) * cell == last - first
            assert first == outer.start + places.start * cell
            assert (within.start, within.stop) == (core.start - first, core.stop - first)
            # the decoder sees its halo, or the border of the image; and so does the encoder
            assert first == 0 or core.start - first >= reach.decode
            assert last >= size[axis] or last - core.stop >= reach.decode
            assert outer.start == 0 or first - outer.start >= reach.encode
            assert outer.stop == size[axis] or outer.stop - last >= reach.encode
    assert np.all(covered == 1)


@settings(deadline=None, max_examples=30)
@given(size=st.integers(1, 120), tile_size=st.integers(5, 90), depth=st.sampled_from(DEPTHS))
def test_what_a_tile_reads_is_padded_as_the_image_is(size, tile_size, depth):
    cell = 2**depth
    image = np.arange(size, dtype=np.float32)[np.newaxis, :, np.newaxis, np.newaxis]
    padded = pad_to_multiple(image, cell)[0, :, 0, 0].numpy()
    for tile in tiles((size, 1), tile_size, network_reach(depth)):
        rows = tile.outer[0]
        read = pad_to_multiple(image[:, rows], cell)[0, :, 0, 0].numpy()
        np.testing.assert_array_equal(read, padded[rows.start : rows.start + len(read)])


@settings(deadline=None, max_examples=30)
@given(size=st.integers(1, 120), tile_size=st.integers(9, 90), depth=st.sampled_from(DEPTHS))
def test_a_core_is_divided_into_smaller_tiles_of_the_same_image(size, tile_size, depth):
    reach = network_reach(depth)
    for tile in tiles((size, size), tile_size, reach):
        covered = np.zeros((size, size), int)
        for part in tiles_of(tile.core, (size, size), tile_size // 2 + 1, reach):
            covered[part.core] += 1
            assert part in tiles_of(part.core, (size, size), tile_size, reach)
            for stride in (1, 2, 2**depth):
                rows, columns = tile.part_places(part, stride)
                first = tile.first_place(stride)
                assert part.first_place(stride) == (first[0] + rows.start, first[1] + columns.start)
        assert np.all(covered[tile.core] == 1)
        assert covered.sum() == np.ones_like(covered)[tile.core].sum()


def test_tile_sizes_are_rounded_down_and_an_image_that_fits_is_one_tile():
    rows = [tile.core[0] for tile in tiles((40, 8), 19, network_reach(3))]
    assert rows == [slice(0, 16), slice(16, 32), slice(32, 40)]
    (whole,) = tiles((21, 30), 512, network_reach(2))
    assert whole.core == whole.outer == (slice(0, 21), slice(0, 30))
    assert whole.decoded == (slice(0, 24), slice(0, 32))
    assert whole.decoded_places(stride=4) == (slice(0, 6), slice(0, 8))
    assert whole.first_place(stride=4) == (0, 0)


@pytest.mark.parametrize("bad", [0, -4, 2.5, True, None])
def test_refuses_sizes(bad):
    with pytest.raises(InputError, match="whole numbers of pixels"):
        tiles((8, 8), bad, network_reach(2))
    with pytest.raises(InputError, match="whole numbers of pixels"):
        tiles((8, bad), 8, network_reach(2))
