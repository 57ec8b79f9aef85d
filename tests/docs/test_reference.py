"""What is made while the site is built: the reference of commands, pages that nobody listed."""

import importlib
import re
import sys

import pytest
from helpers.snippets import ROOT


@pytest.fixture
def made(monkeypatch):
    """Import a module of docs/_site."""
    monkeypatch.syspath_prepend(ROOT / "docs" / "_site")
    yield importlib.import_module
    for name in ("command_line", "docstrings", "further"):
        sys.modules.pop(name, None)


def test_every_command_and_option_is_in_the_reference(made):
    module = made("command_line")
    text = module.reference()
    options = 0
    for name, command in module.commands():
        section = text.split(f"## {name}\n")[1].split("\n## ")[0]
        for parameter in command.params:
            assert max(parameter.opts, key=len) in section
            options += 1
    assert options > 80
    assert "<" not in re.sub("`[^`]*`", "", text)


def test_a_page_and_a_package_that_nobody_listed_are_found(made, tmp_path, monkeypatch):
    module = made("further")
    assert module.further_pages() == sorted(set(module.further_pages()))
    assert "faq" not in module.further_pages()
    assert not {"divnoising_tf.zoo", "divnoising_tf.cli"} & set(module.further_packages())
    (tmp_path / "docs" / "api").mkdir(parents=True)
    (tmp_path / "docs" / "index.md").write_text("```{toctree}\none\n```\n")
    (tmp_path / "docs" / "api" / "a.rst").write_text(".. automodule:: divnoising_tf.one\n")
    for name in ("one", "two"):
        (tmp_path / "docs" / f"{name}.md").touch()
        (tmp_path / "divnoising_tf" / name).mkdir(parents=True)
        (tmp_path / "divnoising_tf" / name / "__init__.py").write_text("__all__ = []")
    monkeypatch.setattr(module, "ROOT", tmp_path)
    assert module.further_pages() == ["two"]
    assert module.further_packages() == ["divnoising_tf.two"]


def test_plain_text_of_docstrings_is_no_markup(made):
    module = made("docstrings")
    lines = ["|error| (n, *shape) of `a*b`, x_ too", ">>> f(*shape)", r"\*args"]
    module.as_restructured_text(None, "function", "f", None, None, lines)
    assert lines == [r"\|error\| (n, \*shape) of `a*b`, x\_ too", ">>> f(*shape)", r"\*args"]


def test_keras_classes_show_their_own_arguments(made):
    from divnoising_tf import DivNoising

    pytest.importorskip("sphinx")
    module = made("docstrings")
    shown = module.signature_of_constructor(
        None, "class", "DivNoising", DivNoising, None, "(*args, **kwargs)", ""
    )
    assert "NoiseModel, depth: int = 2, latent_channels: int = 64" in shown[0]
    assert "self" not in shown[0]
    assert module.signature_of_constructor(None, "class", "A", str, None, "(a)", "") is None
