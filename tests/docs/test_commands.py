"""The commands in README and docs exist, with their options."""

import functools
import importlib
import importlib.util

import pytest
import typer
from helpers.snippets import ROOT, Command, commands, pages


@functools.cache
def _program():
    """Return `divnoising`, which reads its arguments and does nothing."""
    program = typer.main.get_command(importlib.import_module("divnoising_tf.cli").app)
    _disarm(program)
    return program


def _disarm(command):
    for part in getattr(command, "commands", {}).values():
        _disarm(part)
    if not hasattr(command, "commands"):
        command.callback = lambda **_: None


def problem(command):
    """Return what the program says against a command, None if it takes it."""
    try:
        _program().main(command.words[1:], prog_name="divnoising", standalone_mode=False)
    except Exception as error:  # Typer has its own copy of click's exceptions since 0.26
        # a sentence names a command and the option that it is about, without the rest
        kind = type(error).__name__
        part = kind in ("MissingParameter", "NoArgsIsHelpError") or "requires an" in str(error)
        if command.whole or not part:
            return f"{type(error).__name__}: {error}"
    return None


def test_a_wrong_command_is_noticed():
    assert "NoSuchOption" in problem(Command(["divnoising", "train", "a", "--minute", "3"], False))
    assert "Missing" in problem(Command(["divnoising", "train", "a"], True))
    assert problem(Command(["divnoising", "train", "--minutes", "3"], False)) is None
    assert problem(Command(["divnoising", "denois"], False))
    assert problem(Command(["divnoising", "denoise", "--average", "many"], False))


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.relative_to(ROOT).as_posix())
def test_commands_of_divnoising(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for command in commands(page):
        if command.words[0].split("/")[-1] == "divnoising":
            assert problem(command) is None, " ".join(command.words)


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.relative_to(ROOT).as_posix())
def test_scripts_and_modules_exist(page):
    for command in commands(page):
        words = command.words[1:]
        if command.words[0].startswith("divnoising") or words[0] == "-c":
            continue
        if words[0] == "-m":
            assert _module_exists(words[1]), " ".join(command.words)
        elif not words[0].startswith("-"):
            assert (ROOT / words[0]).is_file(), " ".join(command.words)


def test_pages_hold_commands():
    found = {page.relative_to(ROOT).as_posix(): len(commands(page)) for page in pages()}
    assert found["README.md"] >= 10
    assert found["docs/faq.md"] >= 10
    assert found["docs/index.md"] >= 6


def _module_exists(name):
    path = ROOT.joinpath(*name.split("."))
    own = path.with_suffix(".py").is_file() or (path / "__main__.py").is_file()
    return own or importlib.util.find_spec(name.split(".")[0]) is not None


def test_commands_are_found_in_fences_and_sentences(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(
        "Say `divnoising train\n--minutes 3`:\n\n```bash\n$ divnoising train a \\\n  -o b\n```\n\n"
        "    .venv/bin/divnoising demo  # all\n"
    )
    found = [(command.words[1:], command.whole) for command in commands(page)]
    assert found == [
        (["train", "a", "-o", "b"], True),
        (["demo"], True),
        (["train", "--minutes", "3"], False),
    ]
