"""The one exception that means: the input is at fault, and here is what to do."""

import contextlib
import os
from collections.abc import Iterator


class InputError(ValueError):
    """Raised when data, a file or an argument cannot be used.

    The message has three parts: what is wrong, what was received, what to do. The command
    line prints it alone, without a traceback, and ends with exit code 2.

    Example:
        >>> raise InputError("The image is empty.", "shape (0, 5)", "Give at least one pixel.")
        Traceback (most recent call last):
        divnoising_tf.errors.InputError: The image is empty. Received: shape (0, 5). Give at ...
    """

    def __init__(self, problem: str, received: object, advice: str):
        self.problem = problem
        self.received = received
        self.advice = advice
        super().__init__(f"{problem} Received: {received}. {advice}")

    def __reduce__(self) -> tuple[type["InputError"], tuple[str, str, str]]:
        # an exception is copied to another process by its message alone, if nobody says better
        return type(self), (self.problem, str(self.received), self.advice)


class BlankImageError(InputError):
    """Raised when all pixels of an image are equal: an empty well, a closed shutter."""


@contextlib.contextmanager
def naming(path: str | os.PathLike[str]) -> Iterator[None]:
    """Say which file it was, in an `InputError` of a block that does not say so itself.

    Args:
        path: of the file.

    Example:
        >>> with naming("a/shot1.tif"):
        ...     raise InputError("The image is empty.", "shape (0, 5)", "Give one pixel.")
        Traceback (most recent call last):
        divnoising_tf.errors.InputError: The image is empty. Received: a/shot1.tif: shape (0, ...
    """
    try:
        yield
    except InputError as error:
        if os.path.basename(path) in str(error):
            raise
        raise type(error)(error.problem, f"{path}: {error.received}", error.advice) from error
