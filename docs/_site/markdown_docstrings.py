"""Docstrings here are plain text with single backticks; Sphinx reads reStructuredText."""

import re
from typing import Any

# a star or a trailing underscore opens markup there; napoleon has escaped those of *args
_STAR = re.compile(r"(?<![\\*])\*(?!\*)")
_UNDERSCORE = re.compile(r"(?<=\w)_(?=[\s.,;:)]|$)")
_DOCTEST = (">>>", "...")


def as_restructured_text(
    app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]
) -> None:
    """Change the lines of a docstring in place, except those of examples and within backticks."""
    lines[:] = [line if line.lstrip().startswith(_DOCTEST) else _escaped(line) for line in lines]


def _escaped(line: str) -> str:
    parts = line.split("`")
    # every second part stands between backticks
    parts[::2] = [_UNDERSCORE.sub(r"\\_", _STAR.sub(r"\\*", part)) for part in parts[::2]]
    return "`".join(parts)
