"""What pixels must be before something is read off them."""

import numpy as np

from divnoising_tf.errors import InputError


def require_real(image: np.ndarray, kinds: str = "uif") -> None:
    """Refuse pixels that are not finite real numbers.

    Args:
        image: any array, counts.
        kinds: kinds of NumPy's types that are taken.

    Raises:
        InputError: another type, NaN or infinity.
    """
    if image.dtype.kind not in kinds or not np.isfinite(image).all():
        raise InputError(
            "The image has pixels that are not finite real numbers.",
            f"dtype {image.dtype}",
            "Replace NaN and infinity first.",
        )
