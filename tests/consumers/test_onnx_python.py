"""The ONNX Runtime of the day, in a process without TensorFlow, draws the reference's samples."""

from importlib.metadata import version

import pytest
from onnx_programs import python_program


def test_draws_the_samples_of_the_reference(check_consumer):
    shapes = [(1, 1, 1, 1), (1, 33, 47, 1), (2, 33, 47, 1), (1, 512, 512, 1)]
    said = check_consumer(python_program(), *shapes)
    assert {one["version"] for one in said} == {version("onnxruntime")}


@pytest.mark.slow
def test_draws_the_samples_of_a_large_image(check_consumer):
    check_consumer(python_program(), (1, 1500, 2000, 1))
