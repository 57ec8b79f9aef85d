import errno
import logging
import sys

import pytest
from typer.testing import CliRunner

from divnoising_tf.cli._application import application

# the name in the package is that of the command
_MODULE = sys.modules["divnoising_tf.cli.generate"]
_COMMANDS = ("train", "denoise", "generate", "export", "demo", "noise-model")


def test_help_names_every_command(run):
    result = run("--help")
    assert result.exit_code == 0
    assert all(command in result.stdout for command in _COMMANDS)


def test_packages_of_the_zoo_are_built_elsewhere(run):
    """What their recipes need is in no wheel."""
    assert run("zoo").exit_code == 2


@pytest.mark.parametrize("command", _COMMANDS)
def test_every_command_has_help(run, command):
    result = run(command, "--help")
    assert result.exit_code == 0
    assert "Usage" in result.stdout


def test_unknown_commands_and_options_are_bad_input(run):
    assert run("denoize").exit_code == 2
    assert run("denoise", "--noise").exit_code == 2


def test_a_message_of_a_command_within_a_group_is_shown_once():
    inner, outer = application("Inner."), application("Outer.")
    outer.add_typer(inner, name="inner")

    @inner.command()
    def speak():
        logging.getLogger("divnoising_tf.speaker").info("Spoken.")

    result = CliRunner().invoke(outer, ["inner", "speak"])
    assert result.exit_code == 0
    assert result.output.count("Spoken.") == 1


def _generate(files, output):
    return ("generate", "-m", files.model, "-o", output)


def test_a_full_disk_is_a_message(files, run, tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(_MODULE, "load_model", full)
    result = run(*_generate(files, tmp_path / "a.tif"))
    assert result.exit_code == 2
    assert "No space left" in result.stderr


def test_what_is_not_expected_is_not_hidden(files, run, tmp_path, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("a bug")

    monkeypatch.setattr(_MODULE, "load_model", broken)
    with pytest.raises(RuntimeError, match="a bug"):
        run(*_generate(files, tmp_path / "a.tif"))


def test_an_interruption_has_its_own_exit_code(files, run, tmp_path, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(_MODULE, "load_model", interrupted)
    assert run(*_generate(files, tmp_path / "a.tif")).exit_code == 130
    assert list(tmp_path.iterdir()) == []
