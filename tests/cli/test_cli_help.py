"""Help and wrong arguments come without TensorFlow, whose import takes seconds."""

import json
import subprocess
import sys

import pytest

_HEAVY = {"tensorflow", "keras", "tf_keras", "tensorflow_probability", "matplotlib", "zarr", "dask"}
_PROGRAM = """
import contextlib, io, json, sys
from divnoising_tf_command import main

ends = []
for arguments in json.loads(sys.argv[1]):
    sys.argv[1:] = arguments
    output = io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        try:
            main()
        except SystemExit as end:
            code = end.code or 0
    ends.append((output.getvalue(), code))
print(json.dumps((ends, sorted({name.split(".")[0] for name in sys.modules}))))
"""
_CASES = [
    (("--help",), 0, "denoise"),
    (("denoise", "--help"), 0, "--channels-as-planes"),
    (("train", "--help"), 0, "--patch-size"),
    (("noise-model", "fit", "--help"), 0, "--output"),
    (("denoise", "in.tif"), 2, "--model"),
    (("denoise", "in.tif", "-m", "m", "-o", "o", "--average", "1"), 2, "--average"),
    (("export", "-m", "m.keras", "-o", "o.zip"), 2, "--test-image"),
    (("train", "in.tif", "-o", "model.h5"), 2, ".keras"),
]


def _ends(*commands):
    """Return output and exit code of commands in one process, and what it imported."""
    program = [sys.executable, "-c", _PROGRAM, json.dumps(commands)]
    result = subprocess.run(program, capture_output=True, text=True, check=True, timeout=300)
    return json.loads(result.stdout.splitlines()[-1])


def test_help_and_wrong_arguments_come_without_tensorflow():
    ends, imported = _ends(*(arguments for arguments, _, _ in _CASES))
    for (output, ended), (arguments, code, text) in zip(ends, _CASES, strict=True):
        assert ended == code, arguments
        assert text in output, arguments
    assert _HEAVY & set(imported) == set()


@pytest.mark.slow
def test_a_command_that_works_imports_what_it_needs(files, tmp_path):
    command = ("denoise", str(files.images / "shot0.tif"), "-m", str(files.model))
    ((output, code),), imported = _ends((*command, "-o", str(tmp_path), "--average", "2"))
    assert code == 0, output
    assert "tensorflow" in imported
    assert (tmp_path / "shot0_denoised.tif").exists()
