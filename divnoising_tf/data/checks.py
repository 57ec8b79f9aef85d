"""Refuses images and numbers that cannot be used, and says why."""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from divnoising_tf.errors import InputError


def check_values(image: np.ndarray, name: str = "the image") -> None:
    """Refuse pixel types that are not counts, and values that are not finite.

    Args:
        image: any array.
        name: how to call it in the message: a file name, or "image 3".

    Raises:
        InputError: complex, boolean or object pixels, no pixels, NaN or infinity.
    """
    if image.dtype.kind not in "uif":
        raise InputError(
            f"The pixels of {name} are not real numbers.",
            f"dtype {image.dtype}",
            "Give integers or floating point numbers: the counts of the camera.",
        )
    if image.size == 0:
        raise InputError(
            f"There are no pixels in {name}.",
            f"shape {image.shape}",
            "Give at least one pixel.",
        )
    # the sum is not finite if a pixel is not; it may also overflow, so look again
    if image.dtype.kind == "f" and not np.isfinite(image.sum(dtype=np.float64)):
        wrong = image.size - int(np.isfinite(image).sum())
        if wrong:
            raise InputError(
                f"There are NaN or infinite pixels in {name}.",
                f"{wrong} of {image.size} pixels",
                "Replace or crop them away: no noise model explains them.",
            )


def trainable_planes(
    names: Sequence[str], stacks: Sequence[np.ndarray]
) -> list[tuple[str, np.ndarray]]:
    """Return the planes of a training set; those without any contrast are left out.

    Args:
        names: how to call each stack in the message.
        stacks: arrays (n, y, x, channel), values checked.

    Returns:
        Name and view (y, x, channel) of every plane that shows something. A warning names the
        others.

    Raises:
        InputError: a stack differs from the first in dtype or channels; every image is flat.
    """
    check_alike(names, [str(stack.dtype) for stack in stacks], "type")
    check_alike(names, [f"{stack.shape[-1]} channel(s)" for stack in stacks], "number of channels")
    planes, blank = [], []
    for name, stack in zip(names, stacks, strict=True):
        for index, plane in enumerate(stack):
            full = f"{name} (plane {index})" if len(stack) > 1 else name
            if plane.min() == plane.max():
                blank.append(full)
            else:
                planes.append((full, plane))
    if not planes:
        raise InputError(
            "All pixels of an image are equal, in every image.",
            f"the value {stacks[0].flat[0]} in {names[0]}",
            "Give images of something: there is nothing to learn from these.",
        )
    if blank:
        shown = ", ".join(blank[:5]) + (", ..." if len(blank) > 5 else "")
        warnings.warn(
            f"{len(blank)} image(s) have equal pixels throughout: {shown}. They teach the model "
            "nothing, and are left out.",
            stacklevel=4,
        )
    return planes


def check_alike(names: Sequence[str], kinds: Sequence[str], what: str) -> None:
    """Refuse a set of images of which some are of another kind than the first.

    Args:
        names: of the images, for the message.
        kinds: what must be equal, one text for each image.
        what: what the kinds are, such as "type".

    Raises:
        InputError: kinds differ; the message lists the images that do.
    """
    different = [
        f"{name}: {kind}" for name, kind in zip(names, kinds, strict=True) if kind != kinds[0]
    ]
    if different:
        shown = "; ".join(different[:10]) + ("; ..." if len(different) > 10 else "")
        raise InputError(
            f"The images differ in {what}.",
            f"{kinds[0]} in {names[0]}, but {shown}",
            "Train on images of one camera and one kind, or convert them first.",
        )


def check_count(n: Any, least: int = 1) -> None:
    """Refuse a number of things that is not a whole number of at least `least`.

    Args:
        n: the number.
        least: the smallest that can be used.

    Raises:
        InputError: it is smaller, or no whole number.
    """
    if isinstance(n, bool) or not isinstance(n, int | np.integer) or n < least:
        raise InputError(
            f"This must be a whole number of at least {least}.", repr(n), "For example 100."
        )
