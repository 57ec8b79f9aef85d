"""The committed packages' ONNX weights give their test output in every ONNX Runtime."""

import functools

import numpy as np
import pytest
import yaml
from consumer_tools import outputs
from onnx_programs import JAVA_VERSIONS, java_program, python_program, web_program
from zoo_packages import NAMES, unpacked

PROGRAMS = {"python": python_program, "web": web_program}
PROGRAMS |= {f"java {one}": functools.partial(java_program, one) for one in JAVA_VERSIONS}


@pytest.mark.slow
@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("name", NAMES)
def test_gives_the_test_output(name, program, tmp_path):
    folder = unpacked(name, tmp_path / "package")
    description = yaml.safe_load((folder / "rdf.yaml").read_text(encoding="utf-8"))
    file = folder / description["weights"]["onnx"]["source"]
    image, expected = (np.load(folder / f"test_{part}.npy") for part in ("input", "output"))
    ((output, _),) = outputs(tmp_path, (*PROGRAMS[program](), file), [image])
    assert output.shape == expected.shape
    assert np.abs(output - expected).max() < 1e-4 * expected[..., 0].std()
