"""`divnoising zoo build`: a package from a recipe, and again."""

import pytest
from helpers.zoo_recipes import TINY, write_recipe, write_w2s

from divnoising_tf.zoo import read_metadata


@pytest.fixture
def w2s(tmp_path_factory, monkeypatch):
    folder = tmp_path_factory.mktemp("data")
    write_w2s(folder / "w2s")
    monkeypatch.setenv("DIVNOISING_DATA", str(folder))


def test_the_command_builds_a_package_and_builds_it_again(run, refused, w2s, tmp_path):
    folder = write_recipe(tmp_path / "tiny", TINY)
    command = ("zoo", "build", "tiny", "--folder", tmp_path)
    result = run(*command, "--minutes", 0.002)
    assert result.exit_code == 0, result.output
    assert str(folder / "package.zip") in result.output
    first = read_metadata(folder / "package.zip")
    assert "Built by `divnoising zoo build tiny --minutes 0.002`" in first["training"]
    refused("exists already", tmp_path, *command)
    result = run(*command, "--overwrite")
    assert result.exit_code == 0, result.output
    second = read_metadata(folder / "package.zip")
    assert "Built by `divnoising zoo build tiny`" in second["training"]


def test_bad_input_leaves_no_file(refused, tmp_path, monkeypatch):
    monkeypatch.delenv("DIVNOISING_DATA", raising=False)
    write_recipe(tmp_path / "tiny", TINY)
    refused("DIVNOISING_DATA is not set", tmp_path, "zoo", "build", "tiny", "--folder", tmp_path)
    refused("no recipe of this name", tmp_path, "zoo", "build", "other", "--folder", tmp_path)
