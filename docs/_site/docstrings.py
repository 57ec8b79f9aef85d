"""What autodoc finds in the package, made fit for the site."""

import inspect
import re
from typing import Any

# these signs open markup there; napoleon has escaped the stars of *args
_STAR_OR_BAR = re.compile(r"(?<![\\*])(\*(?!\*)|\|)")
_UNDERSCORE = re.compile(r"(?<=\w)_(?=[\s.,;:)]|$)")
_DOCTEST = (">>>", "...")


def as_restructured_text(
    app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]
) -> None:
    """Escape what is plain text in a docstring, and markup in reStructuredText.

    The lines are changed in place, except those of examples and what stands within backticks.
    """
    lines[:] = [line if line.lstrip().startswith(_DOCTEST) else _escaped(line) for line in lines]


def signature_of_constructor(
    app: Any, what: str, name: str, obj: Any, options: Any, signature: str, returns: str
) -> tuple[str, str] | None:
    """Return the arguments of a Keras class's constructor: its `__new__` hides them."""
    from sphinx.util.inspect import stringify_signature

    if what != "class" or signature != "(*args, **kwargs)":
        return None
    found = inspect.signature(obj.__init__)
    own = found.replace(parameters=[*found.parameters.values()][1:])
    return stringify_signature(own, unqualified_typehints=True, show_return_annotation=False), ""


def _escaped(line: str) -> str:
    parts = line.split("`")
    # every second part stands between backticks
    parts[::2] = [_UNDERSCORE.sub(r"\\_", _STAR_OR_BAR.sub(r"\\\1", part)) for part in parts[::2]]
    return "`".join(parts)
