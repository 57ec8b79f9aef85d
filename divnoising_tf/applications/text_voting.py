"""One text from many readings of a line: by votes or by likelihood, by character or by line."""

from collections.abc import Sequence

import numpy as np

from divnoising_tf.applications.text_recognition import Reading, read_lines
from divnoising_tf.errors import InputError

_GAP = ""
_WEIGHTINGS = ("votes", "likelihood")
_UNITS = ("character", "line")


def read_samples(
    samples: np.ndarray,
    support: Sequence[float] | None = None,
    lines: Sequence[tuple[int, int]] | None = None,
    levels: tuple[float, float] | None = None,
    language: str = "eng",
    weighting: str = "likelihood",
    unit: str = "character",
) -> list[str]:
    """Read every sample or cluster of a page, and combine what was read line by line.

    Args:
        samples: (n, y, x), posterior samples or the centres of their clusters, counts.
        support: weight of each image, such as the share of the samples that a cluster has; None
            for equal weights.
        lines: see `read_lines`.
        levels: see `read_lines`.
        language: see `read_lines`.
        weighting: see `combined`.
        unit: see `combined`.

    Returns:
        The text of each line.

    Raises:
        InputError: see `read_lines` and `combined`.

    Example:
        >>> read_samples(np.full((9, 40, 200), 255), lines=[(0, 20), (20, 40)])
        ['', '']
    """
    readings = read_lines(samples, lines, levels, language)
    return [combined(line, support, weighting, unit) for line in zip(*readings, strict=True)]


def combined(
    readings: Sequence[Reading],
    support: Sequence[float] | None = None,
    weighting: str = "likelihood",
    unit: str = "character",
) -> str:
    """Return the text on which readings of one line agree most.

    By character, the readings are aligned one after the other, those with the most weight
    first, and each place goes to the character, or to the gap, with the most weight (ROVER:
    Fiscus, 1997). The result may be a text that nobody read. By line, the text with the most
    weight is returned as it was read.

    Args:
        readings: of one line, in any number.
        support: weight of each reading, not negative; None for equal weights.
        weighting: "votes": a reading weighs its support. "likelihood": support times
            confidence, of the word for a character, of the reading (`Reading.confidence`) for a
            gap or a line. An empty reading then has no weight.
        unit: "character" or "line".

    Returns:
        The text; empty if nothing has weight. Between equal weights the earlier reading
        decides.

    Raises:
        InputError: a word that is not known, or supports that do not fit.

    Example:
        >>> from divnoising_tf.applications.text_recognition import Word
        >>> read = [Reading((Word(text, 0.8),)) for text in ("beelle", "bectle", "beetl")]
        >>> combined(read)
        'beetle'
    """
    for name, value, known in (("weighting", weighting, _WEIGHTINGS), ("unit", unit, _UNITS)):
        if value not in known:
            raise InputError(f"This {name} is not known.", repr(value), f"Use one of {known}.")
    weights = _checked_support(support, len(readings))
    ballots = _ballots(readings, weights, by_likelihood=weighting == "likelihood")
    ranked = sorted(ballots, key=lambda text: ballots[text][0], reverse=True)
    if not ranked or unit == "line":
        return ranked[0] if ranked else ""
    return _majority(_aligned([(text, *ballots[text]) for text in ranked]))


def _checked_support(support: Sequence[float] | None, number: int) -> np.ndarray:
    weights = np.ones(number) if support is None else np.asarray(support, float)
    if weights.shape != (number,) or not (np.isfinite(weights) & (weights >= 0)).all():
        raise InputError(
            "Each reading needs one weight that is finite and not negative.",
            f"{number} readings and the weights {weights.tolist()}",
            "Give the share of the samples that each cluster has, or None.",
        )
    return weights


def _ballots(
    readings: Sequence[Reading], weights: np.ndarray, by_likelihood: bool
) -> dict[str, tuple[float, np.ndarray]]:
    """Sum the weight of the whole, and of each character, over equal texts."""
    ballots: dict[str, tuple[float, np.ndarray]] = {}
    for reading, weight in zip(readings, weights, strict=True):
        whole = weight * reading.confidence if by_likelihood else weight
        if whole == 0:
            continue
        each = weight * (
            reading.character_confidences if by_likelihood else np.ones(len(reading.text))
        )
        before = ballots.get(reading.text, (0.0, 0.0))
        ballots[reading.text] = (before[0] + whole, before[1] + each)
    return ballots


def _aligned(ballots: list[tuple[str, float, np.ndarray]]) -> list[dict[str, float]]:
    """Return for each place of the alignment the weight of every character and of the gap."""
    network: list[dict[str, float]] = []
    total = 0.0
    for text, whole, weights in ballots:
        merged = []
        for place, letter in _path(network, text):
            # a new place: all before left it empty
            column = {_GAP: total} if place is None else network[place]
            vote, weight = (_GAP, whole) if letter is None else (text[letter], weights[letter])
            column[vote] = column.get(vote, 0.0) + weight
            merged.append(column)
        network = merged
        total += whole
    return network


def _path(network: list[dict[str, float]], text: str) -> list[tuple[int | None, int | None]]:
    """Return the cheapest pairing of places and characters; None where one has no partner.

    A pair costs the share of the place's weight that disagrees; a new place costs 1.
    """
    leaving = [_disagreement(column, _GAP) for column in network]
    pairing = [[_disagreement(column, letter) for column in network] for letter in text]
    costs = np.zeros((len(text) + 1, len(network) + 1))
    costs[0, 1:] = np.cumsum(leaving)
    costs[1:, 0] = np.arange(1, len(text) + 1)
    for i, j in np.ndindex(len(text), len(network)):
        costs[i + 1, j + 1] = min(
            costs[i, j] + pairing[i][j], costs[i + 1, j] + leaving[j], costs[i, j + 1] + 1
        )
    path: list[tuple[int | None, int | None]] = []
    i, j = len(text), len(network)
    while i or j:
        if i and j and costs[i, j] == costs[i - 1, j - 1] + pairing[i - 1][j - 1]:
            i, j = i - 1, j - 1
            path.append((j, i))
        elif j and (i == 0 or costs[i, j] == costs[i, j - 1] + leaving[j - 1]):
            j -= 1
            path.append((j, None))
        else:
            i -= 1
            path.append((None, i))
    return path[::-1]


def _disagreement(column: dict[str, float], vote: str) -> float:
    return 1 - column.get(vote, 0.0) / sum(column.values())


def _majority(network: list[dict[str, float]]) -> str:
    # max takes the first of equals, and the heavier reading came first
    text = "".join(max(column, key=column.__getitem__) for column in network)
    return " ".join(text.split())
