"""The one exception that means: the input is at fault, and here is what to do."""


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
