"""One ImageJ for all tests of macros, and what they run on."""

import os

import pytest
from fiji.macros.runner import ImageJ, missing_tools


@pytest.fixture(scope="session")
def imagej(tmp_path_factory):
    missing = missing_tools()
    if missing and os.environ.get("DIVNOISING_REQUIRE_CONSUMERS") == "1":
        pytest.fail(f"ImageJ macros cannot be run: {', '.join(missing)} not installed.")
    if missing:
        pytest.skip(f"ImageJ macros are not tested: {', '.join(missing)} not installed.")
    with ImageJ(tmp_path_factory.mktemp("imagej")) as imagej:
        yield imagej
