"""ONNX Runtime Web, in WebAssembly as in a browser, draws the samples of the reference."""

import fcntl
import json
from pathlib import Path

import pytest
from helpers.consumer_tools import installed, tool
from helpers.zoo_packages import NAMES

PROJECT = Path(__file__).with_name("onnx_web")
NO_NETWORK = ("ENOTFOUND", "ECONNREFUSED", "ETIMEDOUT", "EAI_AGAIN", "ENOTCACHED")


@pytest.fixture(scope="module")
def command():
    """Return how to run the program; what package-lock.json names is installed if missing."""
    advice = "install Node 20 or newer, with npm"
    node, npm = tool("node", advice), tool("npm", advice)
    there = PROJECT / "node_modules" / ".package-lock.json"
    wanted = PROJECT / "package-lock.json"
    # one process at a time: pytest-xdist was seen to give these tests to two
    with wanted.open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not there.is_file() or there.stat().st_mtime < wanted.stat().st_mtime:
            quiet = ("--ignore-scripts", "--no-audit", "--no-fund")
            installed(npm, "ci", *quiet, cwd=PROJECT, signs=NO_NETWORK)
    return node, PROJECT / "run_model.mjs"


def test_draws_the_samples_of_the_reference(command, check_consumer):
    shapes = [(1, 1, 1, 1), (1, 33, 47, 1), (2, 33, 47, 1), (1, 512, 512, 1)]
    said = check_consumer(command, *shapes)
    wanted = json.loads((PROJECT / "package.json").read_text())["dependencies"]["onnxruntime-web"]
    assert {one["version"] for one in said} == {wanted}


@pytest.mark.slow
def test_draws_the_samples_of_a_large_image(command, check_consumer):
    check_consumer(command, (1, 1500, 2000, 1))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_package_of_the_model_zoo_passes_its_own_test(command, check_package, name):
    check_package(command, name)
