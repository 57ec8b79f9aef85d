"""The reference of the command line, from the program's own help, while the site is built."""

import html
import importlib
from collections.abc import Iterator
from typing import Any

PAGE = "docs/command-line"
_MARK = "<!-- commands -->"


def insert_reference(_: Any, page: str, source: list[str]) -> None:
    """Put the commands where the page marks their place."""
    if page == PAGE:
        source[0] = source[0].replace(_MARK, reference())


def reference() -> str:
    """Return all commands of `divnoising` with their options, in Markdown."""
    return "\n\n".join(_described(*one) for one in commands())


def commands() -> Iterator[tuple[str, Any]]:
    """Yield the names and the commands, groups of commands too, as typer has them."""
    import typer

    # not an attribute of the package: its functions have the names of its modules
    cli = importlib.import_module("divnoising_tf.cli")
    return _below("divnoising", typer.main.get_command(cli.app))


def _below(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    yield name, command
    for part, below in getattr(command, "commands", {}).items():
        yield from _below(f"{name} {part}", below)


def _described(name: str, command: Any) -> str:
    context = command.make_context(name, [], resilient_parsing=True)
    usage = " ".join([name, *command.collect_usage_pieces(context)])
    parts = [f"## {name}", f"    {usage}", html.escape(command.help or "", quote=False)]
    panels: dict[str, list[str]] = {}
    for parameter in command.params:
        record = parameter.get_help_record(context)
        if record is not None and "--help" not in record[0]:
            panel = getattr(parameter, "rich_help_panel", None) or "Arguments and options"
            panels.setdefault(panel, []).append(_row(*record))
    for panel, rows in panels.items():
        parts.append("\n".join([f"| {panel} | |", "| --- | --- |", *rows]))
    return "\n\n".join(parts)


def _row(option: str, meaning: str) -> str:
    meaning = html.escape(" ".join(meaning.split()), quote=False)
    return f"| `{_cell(option)}` | {_cell(meaning)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
