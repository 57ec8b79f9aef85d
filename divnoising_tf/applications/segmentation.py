"""Cells of one image by a local threshold, as in supplement 4 of the DivNoising paper.

The paper: a local threshold with the mean of radius 15, the skeleton of what lies between the
cells, connected components. What it does not give is a setting here: by how much a pixel must be
above the mean around it, and the smallest cell.
"""

import dataclasses
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from divnoising_tf.applications.labels import consecutive
from divnoising_tf.applications.pixels import require_real
from divnoising_tf.errors import InputError

_BRIGHT = ("membranes", "nuclei")


@dataclasses.dataclass(frozen=True)
class Segmentation:
    """A way to find the cells of an image; call it with one.

    Bright membranes around dark cells are thinned to their middle line, and each area that lines
    close off is a cell. Bright nuclei on dark ground are cells themselves, their holes filled.

    Args:
        bright: what is bright in the image, "membranes" or "nuclei".
        radius: of the disk whose mean a pixel is compared with, pixels. Larger than a membrane is
            wide, not much larger than a cell.
        offset: counts by which a bright pixel exceeds that mean; 0 as in the paper. Raise it above
            the texture of cells and background.
        smallest_cell: pixels; smaller ones are dropped.

    Raises:
        InputError: a setting has no meaning.

    Example:
        >>> image = np.zeros((9, 9))
        >>> image[:, 4] = 100  # one membrane from top to bottom
        >>> Segmentation(radius=3, smallest_cell=1)(image)[0].tolist()
        [1, 1, 1, 1, 0, 2, 2, 2, 2]
    """

    bright: str = "membranes"
    radius: int = 15
    offset: float = 0.0
    smallest_cell: int = 30

    def __post_init__(self) -> None:
        if self.bright not in _BRIGHT:
            raise InputError(
                "It is not known how to find cells by what is bright here.",
                repr(self.bright),
                f"Use one of {list(_BRIGHT)}.",
            )
        if not (self.radius >= 1 and self.smallest_cell >= 0 and np.isfinite(self.offset)):
            raise InputError(
                "A setting of the segmentation has no meaning.",
                f"radius={self.radius}, offset={self.offset}, smallest_cell={self.smallest_cell}",
                "Give a radius of 1 or more, a finite offset and a size of 0 or more.",
            )

    def __call__(self, image: np.ndarray) -> np.ndarray:
        """Return the cells of an image (y, x) as labels, int32; 0 is between the cells."""
        return self.cells(self.bright_pixels(image))

    def bright_pixels(self, image: np.ndarray) -> np.ndarray:
        """Return where an image (y, x) is brighter than the mean around it; nuclei are filled."""
        image = _checked_image(image)
        # the mean comes from a Fourier transform: a flat area must not be bright by rounding
        rounding = 1e-9 * np.ptp(image)
        mask = image - _local_mean(image, self.radius) > self.offset + rounding
        if self.bright == "nuclei":
            from scipy.ndimage import binary_fill_holes

            return binary_fill_holes(mask)
        return mask

    def cells(self, bright_pixels: np.ndarray) -> np.ndarray:
        """Return the cells that bright pixels (y, x) surround, or make up, as labels, int32."""
        from skimage.measure import label

        if self.bright == "nuclei":
            return _without_small(label(bright_pixels, connectivity=1), self.smallest_cell)
        lines = _middle_lines(bright_pixels, self.radius)
        # lines run diagonally too, so cells must not: 4 neighbours
        labels = _without_small(label(~lines, connectivity=1), self.smallest_cell)
        return _without_loose_ends(labels)


def segment(image: np.ndarray, **settings: Any) -> np.ndarray:
    """Find the cells of one image.

    Args:
        image: (y, x), counts; a sample, an MMSE estimate, a clean image.
        **settings: of `Segmentation`.

    Returns:
        Labels (y, x), int32: 0 between the cells, 1, 2, ... in them.

    Raises:
        InputError: the image is no finite plane, or a setting has no meaning.

    Example:
        >>> image = np.zeros((9, 9))
        >>> image[2:5, 2:5] = 100
        >>> int(segment(image, bright="nuclei", smallest_cell=4).max())
        1
    """
    return Segmentation(**settings)(image)


def segment_samples(samples: Iterable[np.ndarray], **settings: Any) -> Iterator[np.ndarray]:
    """Find the cells of each sample, one after the other.

    Args:
        samples: a stack (n, y, x), or samples (y, x) one after the other, such as
            `itertools.islice(posterior, 30)`.
        **settings: of `Segmentation`.

    Yields:
        Labels (y, x) of each sample, int32. Numbers of different samples do not correspond.

    Raises:
        InputError: as `segment`.

    Example:
        >>> samples = np.zeros((3, 9, 9))
        >>> samples[:2, :, 4] = 100
        >>> [int(labels.max()) for labels in segment_samples(samples, radius=3)]
        [2, 2, 1]
    """
    segmentation = Segmentation(**settings)
    return map(segmentation, samples)


def _checked_image(image: np.ndarray) -> np.ndarray:
    image = np.asarray(image)
    if image.ndim != 2 or image.size == 0:
        raise InputError(
            "Cells are found in one plane at a time.",
            f"shape {image.shape}",
            "Give an image (y, x) with at least one pixel; for a stack use segment_samples.",
        )
    require_real(image)
    return image.astype(np.float64)


def _local_mean(image: np.ndarray, radius: int) -> np.ndarray:
    from scipy.signal import fftconvolve
    from skimage.morphology import disk

    window = disk(radius).astype(np.float64)
    # near zero the transform rounds least, and a flat image stays exactly flat
    base = image.min()
    mirrored = np.pad(image - base, radius, mode="symmetric")
    return base + fftconvolve(mirrored, window / window.sum(), mode="valid")


def _middle_lines(mask: np.ndarray, margin: int) -> np.ndarray:
    from skimage.morphology import skeletonize

    # a skeleton ends short of the border, and cells would meet there: go on beyond it
    beyond = skeletonize(np.pad(mask, margin, mode="edge"))
    return beyond[margin:-margin, margin:-margin]


def _without_small(labels: np.ndarray, smallest: int) -> np.ndarray:
    sizes = np.bincount(labels.ravel())
    return consecutive(np.where(sizes[labels] < smallest, 0, labels))


def _without_loose_ends(labels: np.ndarray) -> np.ndarray:
    """Give pixels of a line that has the same cell on both sides to that cell."""
    from scipy.ndimage import maximum_filter, minimum_filter

    most = np.iinfo(labels.dtype).max
    highest = maximum_filter(labels, 3)
    lowest = minimum_filter(np.where(labels == 0, most, labels), 3)
    return np.where((labels == 0) & (highest == lowest), highest, labels)
