"""ONNX Runtime in Java, as Fiji has it for opset 17, draws the samples of the reference."""

import pytest
from onnx_programs import JAVA_VERSIONS, java_program


@pytest.fixture(scope="module", params=JAVA_VERSIONS)
def version(request):
    return request.param


@pytest.fixture(scope="module")
def command(version):
    return java_program(version)


def test_draws_the_samples_of_the_reference(command, version, check_consumer):
    shapes = [(1, 1, 1, 1), (1, 33, 47, 1), (2, 33, 47, 1), (1, 512, 512, 1)]
    said = check_consumer(command, *shapes)
    assert {one["library"] for one in said} == {f"onnxruntime-{version}.jar"}


@pytest.mark.slow
def test_draws_the_samples_of_a_large_image(command, check_consumer):
    check_consumer(command, (1, 1500, 2000, 1))
