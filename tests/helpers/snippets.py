"""Finds the snippets in Markdown: Python to be run, commands to be parsed."""

import re
import shlex
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
# between fences; a comment right before them keeps a snippet from being run, and says why
_PYTHON = re.compile(r"(<!-- not run: .+? -->\n)?^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`((?:divnoising|python3?) [^`]+)`", re.DOTALL)
_SHELL = re.compile(r"^```(?:bash|sh|shell|console)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_BLOCK = re.compile(r"^ {4,}((?:\S*bin/)?(?:divnoising|python3?) (?:.*\\\n)*.*)$", re.MULTILINE)


class Command(NamedTuple):
    """A command in a page.

    Attributes:
        words: as a shell splits them.
        whole: whether it can be run as it stands; within a sentence it may be a part.
    """

    words: list[str]
    whole: bool


def pages() -> list[Path]:
    """Return all pages with snippets for users."""
    return [
        *sorted(ROOT.glob("*.md")),
        *sorted(ROOT.glob("docs/*.md")),
        *sorted(ROOT.glob("model_zoo/**/README.md")),
        ROOT / "notebooks" / "README.md",
    ]


def python_snippets(page: Path) -> list[str]:
    """Return the Python of a page, each snippet with the line numbers that it has there."""
    text = page.read_text("utf-8")
    found = [match for match in _PYTHON.finditer(text) if not match[1]]
    return ["\n" * text.count("\n", 0, match.start(2)) + match[2] for match in found]


def commands(page: Path) -> list[Command]:
    """Return the commands of a page: of indented blocks, and within sentences."""
    text = page.read_text("utf-8")
    # fenced lines as if they were indented
    text = _SHELL.sub(lambda match: re.sub(r"^(\$ )?", "    ", match[1], flags=re.MULTILINE), text)
    blocks = [Command(_words(match), True) for match in _BLOCK.findall(text)]
    outside = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    return blocks + [Command(_words(match), False) for match in _INLINE.findall(outside)]


def _words(line: str) -> list[str]:
    words = shlex.split(line.replace("\\\n", " "), comments=True)
    return [word for word in words if word not in ("…", "...")]
