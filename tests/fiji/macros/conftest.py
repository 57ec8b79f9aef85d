"""One ImageJ for all tests of macros, without a screen, and one for those of dialogs, with one."""

import os

import pytest
from fiji.macros.runner import ImageJ, missing_tools


def require_tools(screen):
    """Skip the test where a tool is missing; fail it where the tools must be there."""
    missing = ", ".join(missing_tools(screen))
    if missing and os.environ.get("DIVNOISING_REQUIRE_CONSUMERS") == "1":
        pytest.fail(f"ImageJ macros cannot be run: {missing} not installed.")
    if missing:
        pytest.skip(f"ImageJ macros are not tested: {missing} not installed.")


@pytest.fixture(scope="session")
def imagej(tmp_path_factory):
    require_tools(screen=False)
    with ImageJ(tmp_path_factory.mktemp("imagej")) as imagej:
        yield imagej


@pytest.fixture(scope="session")
def imagej_on_screen(tmp_path_factory):
    require_tools(screen=True)
    with ImageJ(tmp_path_factory.mktemp("imagej_on_screen"), screen=True) as imagej:
        yield imagej
