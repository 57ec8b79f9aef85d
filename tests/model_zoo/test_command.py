"""`python -m model_zoo build`: a package from a recipe, and again."""

import configparser
import subprocess
import sys
from pathlib import Path

import pytest
from helpers.zoo_recipes import TINY, write_recipe, write_w2s
from setuptools import find_packages
from typer.testing import CliRunner

from divnoising_tf.zoo import read_metadata
from model_zoo.__main__ import zoo

_ROOT = Path(__file__).parents[2]


def _build(*arguments):
    result = CliRunner().invoke(zoo, ["build", *map(str, arguments)])
    # what Typer does not turn into an exit code would hide here
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def _refused(message, folder, *arguments):
    """Assert that a command ends with exit code 2, the message alone, and changes no file."""
    before = _contents(folder)
    result = _build(*arguments)
    assert result.exit_code == 2, result.output
    assert message in " ".join(result.output.split())
    assert "Traceback" not in result.output
    assert _contents(folder) == before


def _contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def w2s(tmp_path_factory, monkeypatch):
    folder = tmp_path_factory.mktemp("data")
    write_w2s(folder / "w2s")
    monkeypatch.setenv("DIVNOISING_DATA", str(folder))


def test_the_command_builds_a_package_and_builds_it_again(w2s, tmp_path):
    folder = write_recipe(tmp_path / "tiny", TINY)
    command = ("tiny", "--folder", tmp_path)
    result = _build(*command, "--minutes", 0.002)
    assert result.exit_code == 0, result.output
    assert str(folder / "package.zip") in result.output
    first = read_metadata(folder / "package.zip")
    assert "Built by `python -m model_zoo build tiny --minutes 0.002`" in first["training"]
    _refused("exists already", tmp_path, *command)
    result = _build(*command, "--overwrite")
    assert result.exit_code == 0, result.output
    second = read_metadata(folder / "package.zip")
    assert "Built by `python -m model_zoo build tiny`" in second["training"]


def test_bad_input_leaves_no_file(tmp_path, monkeypatch):
    monkeypatch.delenv("DIVNOISING_DATA", raising=False)
    write_recipe(tmp_path / "tiny", TINY)
    _refused("DIVNOISING_DATA is not set", tmp_path, "tiny", "--folder", tmp_path)
    _refused("no recipe of this name", tmp_path, "other", "--folder", tmp_path)


def test_it_is_in_no_wheel():
    settings = configparser.ConfigParser()
    settings.read(_ROOT / "setup.cfg")
    include = settings["options.packages.find"]["include"].split()
    packages = find_packages(str(_ROOT), include=include)
    assert "divnoising_tf.zoo" in packages
    assert {name.split(".")[0] for name in packages} == {"divnoising_tf", "divnoising_tf_command"}
    assert "divnoising_tf.zoo_build" not in packages


def test_it_is_a_program_of_the_checkout():
    command = [sys.executable, "-m", "model_zoo"]
    done = subprocess.run([*command, "build", "--help"], cwd=_ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "python -m model_zoo build" in done.stdout
    assert "--minutes" in done.stdout
    assert (
        "Build the packages"
        in subprocess.run(
            [*command, "--help"], cwd=_ROOT, capture_output=True, text=True, check=True
        ).stdout
    )
