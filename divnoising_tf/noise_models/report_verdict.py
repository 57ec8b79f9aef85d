"""From what was measured to one word, good, fair or bad, and the rule behind it."""

from dataclasses import dataclass

VERDICTS = ("good", "fair", "bad")


@dataclass(frozen=True)
class Check:
    """One measured quantity and how large it may be.

    Attributes:
        name: what was measured, with its unit.
        value: what was found; 0 is perfect.
        good: up to this it is good.
        fair: up to this it is fair, beyond it is bad.
        chance: how much chance alone may add for a perfect model, given the number of pixels;
            both limits are raised by it.
        where: signal in counts at which the worst value was found, None for all signals.
        advice: what to do if it is not good.
    """

    name: str
    value: float
    good: float
    fair: float
    chance: float = 0.0
    where: float | None = None
    advice: str = ""

    @property
    def verdict(self) -> str:
        """One of "good", "fair" and "bad"."""
        # a value that is not a number is within no limit
        if self.value <= self.good + self.chance:
            return "good"
        return "fair" if self.value <= self.fair + self.chance else "bad"


def worst(checks: tuple[Check, ...]) -> str:
    """Return the worst verdict of the checks.

    Example:
        >>> worst((Check("a", 0.0, 1, 2), Check("b", 1.5, 1, 2)))
        'fair'
    """
    return max((check.verdict for check in checks), key=VERDICTS.index)


def table(checks: tuple[Check, ...]) -> list[str]:
    """Return the checks as lines of text: value, limits and verdict side by side."""
    rows = [("check", "found", "good up to", "fair up to", "")]
    for check in checks:
        place = "" if check.where is None else f" (at signal {check.where:.4g})"
        limits = (check.good + check.chance, check.fair + check.chance)
        rows.append(
            (check.name + place, *(f"{x:.3g}" for x in (check.value, *limits)), check.verdict)
        )
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    return [
        "  ".join(
            cell.ljust(width) if column in (0, 4) else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
