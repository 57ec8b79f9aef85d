"""How far the networks of DivNoising see."""

import functools

from divnoising_tf.posterior.contract import Reach


@functools.lru_cache
def network_reach(depth: int) -> Reach:
    """Return how far a latent sees into the image, and a pixel of the signal into the latents.

    Follow one border through the networks. Encoder: the heads reach 1 beyond it; every level
    below doubles the reach, for its pooling, and adds 1 for each of its two convolutions.
    Decoder: the last convolution reaches 1; every level above halves the reach, rounded up, and
    adds 1 for each of the two convolutions on its coarser grid.

    Args:
        depth: levels of the networks.

    Returns:
        Both reaches in pixels, rounded up to multiples of 2^depth.

    Example:
        >>> network_reach(depth=2)
        Reach(multiple=4, encode=12, decode=16)
    """
    cell = 2**depth
    pixels, cells = 1, 1
    for _ in range(depth):
        pixels = 2 * pixels + 2
        cells = -(-cells // 2) + 2
    return Reach(multiple=cell, encode=-(-pixels // cell) * cell, decode=cells * cell)
