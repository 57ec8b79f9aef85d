"""ONNX Runtime in Java, as Fiji has it for opset 17, draws the samples of the reference."""

from pathlib import Path

import pytest
from helpers import maven
from helpers.zoo_packages import NAMES

PROJECT = Path(__file__).with_name("onnx_java")
# the oldest that reads opset 17 is the one that JDLL chooses for it
VERSIONS = ("1.12.1", "1.13.1")


@pytest.fixture(scope="module", params=VERSIONS)
def version(request):
    return request.param


@pytest.fixture(scope="module")
def command(version):
    """Return how to run the program with a version of ONNX Runtime."""
    java, _ = maven.tools()
    target = f"target/{version}"
    path = maven.built(PROJECT, target=target, phase="compile", onnxruntime_version=version)
    return java, "-cp", path, "divnoising.onnx.RunModel"


def test_draws_the_samples_of_the_reference(command, version, check_consumer):
    shapes = [(1, 1, 1, 1), (1, 33, 47, 1), (2, 33, 47, 1), (1, 512, 512, 1)]
    said = check_consumer(command, *shapes)
    assert {one["library"] for one in said} == {f"onnxruntime-{version}.jar"}


@pytest.mark.slow
def test_draws_the_samples_of_a_large_image(command, check_consumer):
    check_consumer(command, (1, 1500, 2000, 1))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_package_of_the_model_zoo_passes_its_own_test(command, check_package, name):
    check_package(command, name)
