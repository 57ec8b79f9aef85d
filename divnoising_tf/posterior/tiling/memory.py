"""How large a tile of the posterior the free memory bears."""

from divnoising_tf.posterior.contract import LatentVariableModel
from divnoising_tf.posterior.prefetching import CALLS_AT_ONCE

# larger tiles are no faster: the halo is a small part of this one already
_LARGEST_TILE = 1024
# of the free memory: the rest is for results, for latents, and for other programs
_SHARE = 0.5


def largest_tile_size(model: LatentVariableModel, memory: int) -> int:
    """Return the tile size in pixels that takes at most half of the memory, up to 1024.

    Args:
        model: whose reach and memory count.
        memory: that is free, bytes.

    Returns:
        Pixels, not fewer than the decoder reaches.
    """
    smallest = model.reach.decode
    size = _LARGEST_TILE
    while size // 2 >= smallest and tile_bytes(model, size) > _SHARE * memory:
        size //= 2
    return size


def tile_bytes(model: LatentVariableModel, tile_size: int) -> int:
    """Return about how much memory a sample of one tile takes, beside the model, at its peak.

    Args:
        model: whose reach and memory count.
        tile_size: pixels.

    Returns:
        Bytes.
    """
    reach, stages = model.reach, model.bytes_per_pixel
    decoded = (tile_size + 2 * reach.decode) ** 2
    encoded = (tile_size + 2 * reach.decode + 2 * reach.encode) ** 2
    return int(max(encoded * stages.encode, CALLS_AT_ONCE * decoded * stages.decode))
