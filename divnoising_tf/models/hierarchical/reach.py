"""How far the networks of the hierarchy see."""

import functools

from divnoising_tf.posterior.contract import Reach


@functools.lru_cache
def network_reach(levels: int) -> Reach:
    """Return how far a context sees into the image, and a pixel of the signal into the latents.

    Follow one border through the networks, in places of the level's grid.

    Upwards, from the coarsest context, which sees furthest: its head reaches 1 beyond the border
    and the residual block 2. To a finer level the reach doubles and grows by 1, because the
    convolution of stride 2 reads one place behind its own four (and none before them); there the
    block adds 2. At the finest level the stem adds 1.

    Downwards, from a pixel: the last convolution reaches 1 place of the finest level, its block 2.
    The latents there depend on what is 1 further, by way of the prior and posterior that come from
    above. To the coarser level the reach halves, rounded up, and the block there adds 2, and so on.
    The 1×1 convolutions and the nearest neighbours add nothing.

    Args:
        levels: of latents, whose strides are 2, 4, ..., 2^levels.

    Returns:
        Both reaches in pixels, rounded up to multiples of 2^levels.

    Example:
        >>> network_reach(levels=3)
        Reach(multiple=8, encode=48, decode=40)
    """
    up, down = 1 + 2, 1 + 2
    for _ in range(levels - 1):
        up = 2 * up + 1 + 2
        down = -(-(down + 1) // 2) + 2
    cell = 2**levels
    pixels = 2 * (up + 1)
    return Reach(multiple=cell, encode=-(-pixels // cell) * cell, decode=down * cell)
