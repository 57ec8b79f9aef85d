"""Where the lines of a text are in an image, and pictures of them as Tesseract likes them."""

import numpy as np

from divnoising_tf.applications.pixels import require_real
from divnoising_tf.errors import InputError

# the height of a line of 12 point at 300 dpi, for which Tesseract was trained
_LINE_HEIGHT = 50
# Tesseract loses letters that touch the border
_MARGIN = 12
_PAPER = 255
# of the height between base line and the top of an x, in common book faces
_ASCENDER = 0.8
_DESCENDER = 0.5
# of the ink of the strongest line; less is dust
_LEAST_INK = 0.05


def find_lines(image: np.ndarray) -> list[tuple[int, int]]:
    """Return the rows that each line of text takes, from the top down.

    Text runs along x and is not tilted. Rows with more ink than those around them, between base
    line and the top of small letters, make a line; room for ascenders and descenders is added.

    Args:
        image: (y, x), text darker or brighter than the paper; denoised: take the mean of
            samples.

    Returns:
        First row and row after the last, in pixels; an empty list for an empty image.

    Raises:
        InputError: the image is not (y, x) or not finite.

    Example:
        >>> page = np.full((60, 80), 255)
        >>> page[20:28, 10:70:2] = 0
        >>> find_lines(page)
        [(14, 32)]
    """
    image = checked_images(image)[0]
    profile = np.abs(image - np.median(image)).mean(axis=1)
    profile -= profile.min()
    bands = _bands(profile)
    return _with_ascenders(bands, profile) if bands else []


def _bands(profile: np.ndarray) -> list[tuple[int, int]]:
    """Return the rows between base line and top of an x, for each line."""
    from scipy.ndimage import gaussian_filter1d, maximum_filter1d
    from skimage.filters import threshold_otsu

    if profile.max() == 0:
        return []
    profile = gaussian_filter1d(profile, 1.0)
    strong = _runs(profile > threshold_otsu(profile))
    height = float(np.median([end - begin for begin, end in strong]))
    # a short line has little ink: each row is compared with those around it alone
    strongest_near = maximum_filter1d(profile, 1 + 2 * round(height))
    has_ink = (profile > strongest_near / 2) & (strongest_near > _LEAST_INK * profile.max())
    # commas and accents between the lines are no lines
    return [(begin, end) for begin, end in _runs(has_ink) if end - begin > height / 2]


def _runs(rows: np.ndarray) -> list[tuple[int, int]]:
    """Return begin and end of every run of true values."""
    edges = np.flatnonzero(np.diff(rows.astype(int), prepend=0, append=0))
    return [(int(begin), int(end)) for begin, end in edges.reshape(-1, 2)]


def checked_images(images: np.ndarray) -> np.ndarray:
    """Return a stack (n, y, x) as float32, or refuse what is none.

    Args:
        images: (y, x) or (n, y, x), counts.

    Raises:
        InputError: another number of axes, no pixels, or values that are not finite.
    """
    images = np.asarray(images)
    if images.ndim not in (2, 3) or images.size == 0:
        raise InputError(
            "Text is read from images (y, x) or a stack of them (n, y, x).",
            f"shape {images.shape}",
            "Choose one channel; cut off other axes.",
        )
    require_real(images, "uifb")
    return np.reshape(images, (-1, *images.shape[-2:])).astype(np.float32)


def line_picture(
    image: np.ndarray, rows: tuple[int, int], levels: tuple[float, float]
) -> np.ndarray | None:
    """Cut a line out: black on white, 8 bit, 50 pixels high plus a margin.

    Args:
        image: (y, x), counts.
        rows: first row and row after the last.
        levels: intensity of ink and of paper, counts.

    Returns:
        uint8 (y, x), or None where there is nothing to read: all pixels are equal.

    Raises:
        InputError: the rows lie outside of the image.
    """
    from skimage.transform import resize

    top, bottom = rows
    if not 0 <= top < bottom <= image.shape[0]:
        raise InputError(
            "The rows of a line must lie within the image.",
            f"rows {top} to {bottom} of {image.shape[0]}",
            "Give (first row, row after the last).",
        )
    line = image[top:bottom]
    if np.ptp(line) == 0:
        return None
    ink, paper = levels
    line = (line - ink) / (paper - ink) * _PAPER
    scale = _LINE_HEIGHT / len(line)
    size = (_LINE_HEIGHT, max(1, round(line.shape[1] * scale)))
    # enlarged by cubic splines; only a line that is made smaller is smoothed
    line = resize(line, size, order=3, mode="edge", anti_aliasing=scale < 1)
    line = np.pad(line, _MARGIN, constant_values=_PAPER)
    return np.clip(np.round(line), 0, 255).astype(np.uint8)


def _with_ascenders(bands: list[tuple[int, int]], profile: np.ndarray) -> list[tuple[int, int]]:
    height = float(np.median([bottom - top for top, bottom in bands]))
    lines = [
        (
            max(0, round(top - _ASCENDER * height)),
            min(len(profile), round(bottom + _DESCENDER * height)),
        )
        for top, bottom in bands
    ]
    for number in range(1, len(lines)):
        (above, end), (begin, below) = lines[number - 1], lines[number]
        if begin < end:
            # where lines are tight, the row with the least ink parts them
            gap = slice(bands[number - 1][1], bands[number][0])
            cut = gap.start + int(np.argmin(profile[gap]))
            lines[number - 1], lines[number] = (above, cut), (cut, below)
    return lines
