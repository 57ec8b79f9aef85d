"""The kinds of package that one model becomes: how many samples it shows, and averages."""

from typing import NamedTuple

from divnoising_tf.errors import InputError


class SampleNumbers(NamedTuple):
    """How many samples a package shows, and how many are behind its mean and uncertainty.

    Attributes:
        shown: samples in the output, 0 for none.
        averaged: samples behind mean and standard deviation, 0 for neither of them.
    """

    shown: int
    averaged: int


KINDS = {
    "full": SampleNumbers(8, 64),
    "mmse": SampleNumbers(0, 256),
    "samples": SampleNumbers(8, 0),
}


def sample_numbers(
    kind: str = "full", n_samples: int | None = None, n_averaged: int | None = None
) -> SampleNumbers:
    """Return the numbers of samples of a kind of package.

    Args:
        kind: "full": mean, uncertainty and samples; "mmse": mean and uncertainty of many
            samples; "samples": samples alone.
        n_samples: samples in the output; None for the kind's own number.
        n_averaged: samples behind mean and uncertainty; None for the kind's own number.

    Raises:
        InputError: the kind is not known, or a number does not belong to it.

    Example:
        >>> sample_numbers("full", n_samples=3)
        SampleNumbers(shown=3, averaged=64)
    """
    if kind not in KINDS:
        raise InputError(
            "This kind of package is not known.", repr(kind), f"Use one of {', '.join(KINDS)}."
        )
    default = KINDS[kind]
    numbers = SampleNumbers(
        default.shown if n_samples is None else n_samples,
        default.averaged if n_averaged is None else n_averaged,
    )
    for has, has_by_default, what in zip(
        numbers, default, ("n_samples", "n_averaged"), strict=True
    ):
        if bool(has) != bool(has_by_default):
            raise InputError(
                f"A package of the kind {kind!r} has {'' if has_by_default else 'no '}{what}.",
                f"{what}={has}",
                "Leave it out, or choose another kind: " + ", ".join(KINDS) + ".",
            )
    check_sample_numbers(*numbers)
    return numbers


def check_sample_numbers(n_samples: int, n_averaged: int) -> None:
    """Refuse numbers of samples that make no output.

    Raises:
        InputError: they are not whole, negative, both zero, or fewer are averaged than shown.
    """
    whole = all(
        isinstance(number, int) and not isinstance(number, bool) and number >= 0
        for number in (n_samples, n_averaged)
    )
    if not whole or max(n_samples, n_averaged) == 0 or 0 < n_averaged < max(2, n_samples):
        raise InputError(
            "These numbers of samples cannot be used.",
            f"n_samples={n_samples!r}, n_averaged={n_averaged!r}",
            "Give whole numbers: samples to show, and samples to average, 0 for none of them; "
            "at least 2 and as many as are shown must be averaged.",
        )
