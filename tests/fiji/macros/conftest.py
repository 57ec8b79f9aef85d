"""One ImageJ for all tests of macros, without a screen, and one for those of dialogs, with one."""

import pytest
from fiji.macros.runner import ImageJ


@pytest.fixture(scope="session")
def imagej(tmp_path_factory):
    with ImageJ(tmp_path_factory.mktemp("imagej")) as imagej:
        yield imagej


@pytest.fixture(scope="session")
def imagej_on_screen(tmp_path_factory):
    with ImageJ(tmp_path_factory.mktemp("imagej_on_screen"), screen=True) as imagej:
        yield imagej
