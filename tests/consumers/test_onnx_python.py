"""The ONNX Runtime of the day, in a process without TensorFlow, draws the reference's samples."""

import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from helpers.zoo_packages import NAMES

COMMAND = (sys.executable, Path(__file__).parent / "onnx_python" / "run_model.py")


def test_draws_the_samples_of_the_reference(check_consumer):
    shapes = [(1, 1, 1, 1), (1, 33, 47, 1), (2, 33, 47, 1), (1, 512, 512, 1)]
    said = check_consumer(COMMAND, *shapes)
    assert {one["version"] for one in said} == {version("onnxruntime")}


@pytest.mark.slow
def test_draws_the_samples_of_a_large_image(check_consumer):
    check_consumer(COMMAND, (1, 1500, 2000, 1))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_package_of_the_model_zoo_passes_its_own_test(check_package, name):
    check_package(COMMAND, name)
