"""How far recognised text is from the truth: character and word error rates."""

from collections.abc import Callable, Hashable, Sequence

import numpy as np

from divnoising_tf.errors import InputError


def edit_distance(first: Sequence[Hashable], second: Sequence[Hashable]) -> int:
    """Return the Levenshtein distance: the fewest insertions, deletions and replacements.

    Args:
        first: a text, or any sequence such as a list of words.
        second: the sequence to compare it with.

    Returns:
        The number of edits, each of cost 1, that turn one into the other.

    Example:
        >>> edit_distance("beetle", "beagles")
        3
        >>> edit_distance(["the", "beetle"], ["the", "beadle"])
        1
    """
    numbers: dict[Hashable, int] = {}
    rows, columns = (
        np.array([numbers.setdefault(item, len(numbers)) for item in one], int)
        for one in (first, second)
    )
    steps = np.arange(len(columns) + 1)
    distances = steps
    for number, item in enumerate(rows, 1):
        replaced = distances[:-1] + (columns != item)
        without_insertion = np.append(number, np.minimum(replaced, distances[1:] + 1))
        # an insertion costs 1 a step to the right
        distances = np.minimum.accumulate(without_insertion - steps) + steps
    return int(distances[-1])


def normalised_whitespace(text: str) -> str:
    r"""Return the text with every run of white space as one space, and none at the ends.

    Line breaks, tabs and hard spaces are white space. Nothing else is changed: case,
    punctuation and accents count.

    Example:
        >>> normalised_whitespace("  He banged\n the door ")
        'He banged the door'
    """
    return " ".join(text.split())


def character_error_rate(truth: str | Sequence[str], reading: str | Sequence[str]) -> float:
    """Return the edit distance in characters per character of the truth.

    White space is normalised first, see `normalised_whitespace`; the spaces that are left
    count as characters. Of several texts, edits and characters are summed over all.

    Args:
        truth: the right text, or several.
        reading: what was recognised, or as many.

    Returns:
        0 for equal texts, 1 for an empty reading; above 1 if much was read that is not there.

    Raises:
        InputError: the truth has no characters, or the numbers of texts differ.

    Example:
        >>> character_error_rate("the beetle", "the  beadle")
        0.2
    """
    return _error_rate(truth, reading, list)


def word_error_rate(truth: str | Sequence[str], reading: str | Sequence[str]) -> float:
    """Return the edit distance in words per word of the truth.

    Words are what white space separates; punctuation is part of a word.

    Args:
        truth: the right text, or several, over which words and edits are summed.
        reading: what was recognised, or as many.

    Returns:
        0 for equal texts, 1 for an empty reading; above 1 if much was read that is not there.

    Raises:
        InputError: the truth has no words, or the numbers of texts differ.

    Example:
        >>> word_error_rate("He banged the door.", "He hanged thedoor.")
        0.75
    """
    return _error_rate(truth, reading, str.split)


def _error_rate(
    truth: str | Sequence[str], reading: str | Sequence[str], units: Callable[[str], list[str]]
) -> float:
    truths, readings = _texts(truth), _texts(reading)
    if len(truths) != len(readings):
        raise InputError(
            "There must be one reading for each text.",
            f"{len(truths)} texts and {len(readings)} readings",
            "Give an empty reading where nothing was read.",
        )
    pairs = [
        [units(normalised_whitespace(text)) for text in pair]
        for pair in zip(truths, readings, strict=True)
    ]
    total = sum(len(right) for right, _ in pairs)
    if total == 0:
        raise InputError(
            "The truth has no text, so that there is no rate of errors.",
            truth if isinstance(truth, str) else f"{len(truths)} texts",
            "Leave empty images out.",
        )
    return sum(edit_distance(right, read) for right, read in pairs) / total


def _texts(text: str | Sequence[str]) -> list[str]:
    return [text] if isinstance(text, str) else list(text)
