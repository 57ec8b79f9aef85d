"""Named axes: any image becomes planes (n, y, x, channel), and comes back as it was."""

import dataclasses

import numpy as np

from divnoising_tf.errors import InputError

_KNOWN = {
    "S": "images of a stack",
    "T": "time",
    "Z": "depth",
    "C": "channel",
    "Y": "row",
    "X": "column",
}
_ONE_BY_ONE = (
    "Channels of a microscope are denoised one by one by 'divnoising denoise --channels-as-planes'."
)
_DEFAULTS = {2: "YX", 3: "SYX"}


@dataclasses.dataclass(frozen=True)
class Planes:
    """An image as a stack of planes, with what is needed to put it back in its own axes.

    Attributes:
        array: (n, y, x, channel) of the image's own dtype; a view where possible.
        axes: the axes string of the original image, such as "TCYX".
        shape: the shape of the original image.
    """

    array: np.ndarray
    axes: str
    shape: tuple[int, ...]

    def restore(self, planes: np.ndarray) -> np.ndarray:
        """Put planes back into the axes of the original image.

        Args:
            planes: array (..., n, y, x, channel) of this size, of any dtype. Further
                axes in front, such as one of posterior samples, stay in front.

        Returns:
            Array (..., *shape).

        Raises:
            InputError: the size is not that of the planes.

        Example:
            >>> planes = to_planes(np.zeros((2, 3, 8, 9)), "TCYX")
            >>> planes.restore(np.zeros((10, *planes.array.shape))).shape
            (10, 2, 3, 8, 9)
        """
        planes = np.asarray(planes)
        front = planes.shape[: planes.ndim - 4]
        if planes.ndim < 4 or planes.shape[-4:] != self.array.shape:
            raise InputError(
                "These planes do not have the size of the image they should be put back into.",
                f"shape {planes.shape}, expected (..., {', '.join(map(str, self.array.shape))})",
                "Give planes (n, y, x, channel) made from this image.",
            )
        sizes = dict(zip(self.axes, self.shape, strict=True))
        order = _plane_order(self.axes)
        planes = planes.reshape(*front, *(sizes[letter] for letter in order))
        back = [len(front) + order.index(letter) for letter in self.axes]
        return planes.transpose(*range(len(front)), *back)

    def require_channels(self, channels: int) -> None:
        """Refuse an image whose number of channels is not the one a model works on.

        Raises:
            InputError: the number differs, with advice for colour (RGB) images.
        """
        found = self.array.shape[-1]
        if found == channels:
            return
        received = f"{found} channel(s) in an image of shape {self.shape} with axes {self.axes}"
        if channels == 1 and found in (3, 4):
            raise InputError(
                "A colour (RGB) image was given where a grey image is wanted.",
                received,
                "Convert it to grey or choose one channel; a colour picture of a grey image has "
                "lost the camera's counts, so go back to the raw data if you can. "
                f"{_ONE_BY_ONE}",
            )
        raise InputError(
            f"The image must have {channels} channel(s).",
            received,
            "Choose the channels, or name the axes if a stack was taken for channels."
            + (f" {_ONE_BY_ONE}" if channels == 1 else ""),
        )


def to_planes(image: np.ndarray, axes: str | None = None) -> Planes:
    """View an image of any axes as planes (n, y, x, channel).

    The axis C becomes the channels; S, T and Z become n, in the order they stand in.

    Args:
        image: array with one axis per letter of `axes`; its dtype is kept.
        axes: letters out of S, T, Z, C, Y, X; None for "YX" and "SYX" by the number of axes.

    Returns:
        The planes, which know how to `restore` results of the same size.

    Raises:
        InputError: the axes are not valid for this image.

    Example:
        >>> to_planes(np.zeros((5, 8, 9)), "TYX").array.shape
        (5, 8, 9, 1)
        >>> to_planes(np.zeros((8, 9, 2)), "YXC").array.shape
        (1, 8, 9, 2)
    """
    image = np.asarray(image)
    axes = checked_axes(axes, image.shape)
    order = _plane_order(axes)
    moved = image.transpose([axes.index(letter) for letter in order])
    channels = moved.shape[-1] if "C" in axes else 1
    rows, columns = (image.shape[axes.index(letter)] for letter in "YX")
    stack = image.size // (rows * columns * channels)
    return Planes(moved.reshape(stack, rows, columns, channels), axes, image.shape)


def checked_axes(axes: str | None, shape: tuple[int, ...]) -> str:
    """Return a valid axes string, in capitals, for an image of this shape.

    Args:
        axes: what the user gave; None to guess "YX" or "SYX".
        shape: the image's shape.

    Raises:
        InputError: unknown or repeated letters, no Y or X, another number of letters than
            axes, an empty axis, or a shape that cannot be guessed.

    Example:
        >>> checked_axes("tyx", (10, 64, 64))
        'TYX'
    """
    if 0 in shape or not shape:
        raise InputError("The image is empty.", f"shape {shape}", "Give at least one pixel.")
    if axes is None:
        return _guessed_axes(shape)
    letters = str(axes).upper()
    unknown = sorted(set(letters) - set(_KNOWN))
    advice = "Use each letter once: " + ", ".join(f"{k} ({v})" for k, v in _KNOWN.items()) + "."
    if unknown:
        raise InputError(f"The axes have unknown letters: {', '.join(unknown)}.", axes, advice)
    if len(set(letters)) < len(letters):
        raise InputError("The axes have a letter twice.", axes, advice)
    if not {"Y", "X"} <= set(letters):
        raise InputError("The axes must have Y and X.", axes, advice)
    if len(letters) != len(shape):
        raise InputError(
            "The axes do not fit the image.",
            f"{len(letters)} letters ({letters}) for an image with {len(shape)} axes {shape}",
            "Give one letter per axis, slowest first, such as YX, SYX or TCYX.",
        )
    return letters


def _guessed_axes(shape: tuple[int, ...]) -> str:
    if len(shape) in _DEFAULTS:
        return _DEFAULTS[len(shape)]
    raise InputError(
        "The axes of this image cannot be guessed.",
        f"shape {shape}",
        "Say what the axes are, slowest first, such as axes='TCYX' (--axes TCYX).",
    )


def _plane_order(axes: str) -> str:
    """Return the letters in the order n..., y, x, channel."""
    stack = "".join(letter for letter in axes if letter not in "YXC")
    return stack + "YX" + ("C" if "C" in axes else "")
