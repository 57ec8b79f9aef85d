"""ONNX Runtime Web, in WebAssembly as in a browser, draws the samples of the reference."""

import json

import pytest
from onnx_programs import FOLDER, web_program


@pytest.fixture(scope="module")
def command():
    return web_program()


def test_draws_the_samples_of_the_reference(command, check_consumer):
    shapes = [(1, 1, 1, 1), (1, 33, 47, 1), (2, 33, 47, 1), (1, 512, 512, 1)]
    said = check_consumer(command, *shapes)
    wanted = json.loads((FOLDER / "onnx_web" / "package.json").read_text())["dependencies"][
        "onnxruntime-web"
    ]
    assert {one["version"] for one in said} == {wanted}


@pytest.mark.slow
def test_draws_the_samples_of_a_large_image(command, check_consumer):
    check_consumer(command, (1, 1500, 2000, 1))
