"""The eight orientations of an image, four quarter turns and their mirror images, and back."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from divnoising_tf.data.augmentation import SYMMETRIES
from divnoising_tf.latent_noise.noise import CHAINS, hash_words
from divnoising_tf.posterior.contract import LatentVariableModel
from divnoising_tf.posterior.converged_moments import Advance, State
from divnoising_tf.posterior.tiling.tiled_planes import TiledPlanes
from divnoising_tf.posterior.tiling.tiles import Region


def oriented(images: np.ndarray, orientation: int) -> np.ndarray:
    """View images in an orientation, the one that `data.augmentation.turned` gives a patch.

    Args:
        images: (..., y, x, channel).
        orientation: 0 to 7: quarter turns, and from 4 on mirrored as well; 0 leaves all in place.

    Returns:
        A view; y and x are swapped by an odd number of turns.

    Example:
        >>> oriented(np.arange(3).reshape(1, 3, 1), 1)[..., 0]
        array([[2],
               [1],
               [0]])
    """
    turned = np.rot90(images, orientation % 4, axes=(-3, -2))
    return turned[..., ::-1, :] if orientation >= 4 else turned


def restored(images: np.ndarray, orientation: int) -> np.ndarray:
    """View images of an orientation as they were: the reverse of `oriented`."""
    mirrored = images[..., ::-1, :] if orientation >= 4 else images
    return np.rot90(mirrored, -(orientation % 4), axes=(-3, -2))


def oriented_region(region: Region, size: tuple[int, int], orientation: int) -> Region:
    """Return where a region of an image is in an orientation of it.

    Args:
        region: rows and columns, both ends given.
        size: (y, x) of the image, pixels.
        orientation: 0 to 7.

    Example:
        >>> oriented_region((slice(0, 2), slice(1, 4)), (5, 9), 1)
        (slice(5, 8, None), slice(0, 2, None))
    """
    rows, columns = region
    height, width = size
    for _ in range(orientation % 4):
        rows, columns = _mirrored(columns, width), rows
        height, width = width, height
    return rows, _mirrored(columns, width) if orientation >= 4 else columns


class OrientedPlanes:
    """A stack of planes, each sample of which is drawn in one of the eight orientations.

    Sample k is drawn in orientation k modulo 8, where it is sample k // 8, and turned back. It
    has the methods of `TiledPlanes` that a `Posterior` uses.

    Args:
        model: that has been trained.
        pixels: (plane, y, x, channel), counts.
        seeds: one per plane; every orientation has its own from it, orientation 0 it itself.
        tile_size: see `TiledPlanes`.
    """

    def __init__(
        self,
        model: LatentVariableModel,
        pixels: np.ndarray,
        seeds: Sequence[Any],
        tile_size: int | None = None,
    ):
        self._size = pixels.shape[1:3]
        self._tiled = [
            TiledPlanes(
                model,
                oriented(pixels, orientation),
                [_seed_of_orientation(seed, orientation) for seed in seeds],
                tile_size,
                share=1 / SYMMETRIES,
            )
            for orientation in range(SYMMETRIES)
        ]

    @property
    def tile_size(self) -> int:
        """Pixels along a tile's edge, now."""
        return min(one.tile_size for one in self._tiled)

    @property
    def samples_per_visit(self) -> int:
        """How many samples to draw of a tile before the next, where one would do."""
        most = max(one.samples_per_visit for one in self._tiled)
        return 1 if most == 1 else SYMMETRIES * most

    def draw(self, stack: np.ndarray, first: int) -> None:
        """Fill a stack (n, plane, y, x, channel) with samples first to first + n - 1."""
        for orientation, tiled in enumerate(self._tiled):
            begin = (orientation - first) % SYMMETRIES
            place = stack[begin::SYMMETRIES]
            if len(place):
                tiled.draw(oriented(place, orientation), (first + begin) // SYMMETRIES)

    @property
    def numbers_at_once(self) -> int:
        """How many values of samples, float32, may be held in memory together."""
        return SYMMETRIES * min(one.numbers_at_once for one in self._tiled)

    def add(self, state: State, drawn: int, draws: int, antithetic: bool, advance: Advance) -> None:
        """Add draws of all planes to running moments, in place, as `TiledPlanes.add`."""
        last = drawn + draws
        for orientation, tiled in enumerate(self._tiled):
            begin, end = (-((orientation - one) // SYMMETRIES) for one in (last - draws, last))
            views = [oriented(one, orientation) for one in state]
            if end > begin:
                tiled.add(views, drawn, end - begin, antithetic, advance, first=begin)
                drawn += end - begin

    def region(
        self, plane: int, region: Region, n: int, all_will_follow: bool = False
    ) -> np.ndarray:
        """Return samples 0 to n - 1 of a region of one plane, as `TiledPlanes.region`."""
        parts = []
        for orientation, tiled in enumerate(self._tiled[:n]):
            place = oriented_region(region, self._size, orientation)
            number = -((orientation - n) // SYMMETRIES)
            part = tiled.region(plane, place, number, all_will_follow)
            parts.append(restored(part, orientation))
        stack = np.empty((n, *parts[0].shape[1:]), np.float32)
        for orientation, part in enumerate(parts):
            stack[orientation::SYMMETRIES] = part
        return stack


def _mirrored(part: slice, length: int) -> slice:
    return slice(length - part.stop, length - part.start)


def _seed_of_orientation(seed: Any, orientation: int) -> Any:
    """Return a seed of its own, so that orientations do not share their noise."""
    return hash_words(CHAINS[1], seed, orientation) if orientation else seed
