"""The eight flips and rotations of a square patch, chosen per patch."""

import numpy as np

SYMMETRIES = 8


def turned(patches: np.ndarray, which: np.ndarray) -> np.ndarray:
    """Rotate each patch by `which % 4` quarter turns, and flip it if `which >= 4`.

    Args:
        patches: array (n, y, x, channel) of square patches.
        which: int array (n,), each 0 to 7; 0 leaves the patch as it is.

    Returns:
        New array of the shape and dtype of `patches`.

    Example:
        >>> turned(np.arange(4).reshape(1, 2, 2, 1), np.array([1]))[0, :, :, 0]
        array([[1, 3],
               [0, 2]])
    """
    result = np.empty_like(patches)
    for symmetry in range(SYMMETRIES):
        chosen = np.flatnonzero(which == symmetry)
        if chosen.size:
            view = np.rot90(patches[chosen], symmetry % 4, axes=(1, 2))
            result[chosen] = view[:, :, ::-1] if symmetry >= 4 else view
    return result
