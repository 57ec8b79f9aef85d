"""Help and wrong arguments come without TensorFlow, whose import takes seconds."""

import subprocess
import sys

import pytest

_PROGRAM = """
import sys
from divnoising_tf_command import main
sys.argv[0] = "divnoising"
try:
    main()
except SystemExit as end:
    code = end.code or 0
heavy = {"tensorflow", "keras", "tf_keras", "matplotlib", "zarr", "tensorflow_probability"}
print("heavy:", sorted(heavy & set(sys.modules)), "code:", code)
"""


def _ends(*arguments):
    """Return the output of the command, its exit code, and the heavy libraries it imported."""
    result = subprocess.run(
        [sys.executable, "-c", _PROGRAM, *arguments],
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    output, _, last = result.stdout.rpartition("heavy:")
    imported, _, code = last.partition("code:")
    return output + result.stderr, int(code), imported.strip()


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (("--help",), 0, "denoise"),
        (("denoise", "--help"), 0, "--channels-as-planes"),
        (("train", "--help"), 0, "--patch-size"),
        (("noise-model", "fit", "--help"), 0, "--output"),
        (("denoise", "in.tif"), 2, "--model"),
        (("denoise", "in.tif", "-m", "m", "-o", "o", "--average", "1"), 2, "average"),
        (("export", "-m", "m.keras", "-o", "o.zip"), 2, "--test-image"),
    ],
)
def test_help_and_wrong_arguments_come_without_tensorflow(arguments, code, text):
    output, ended, imported = _ends(*arguments)
    assert text in output
    assert (ended, imported) == (code, "[]")


def test_a_command_that_works_imports_what_it_needs(files, tmp_path):
    output, code, imported = _ends(
        *("denoise", str(files.images / "shot0.tif"), "-m", str(files.model)),
        *("-o", str(tmp_path / "out"), "--average", "2"),
    )
    assert code == 0, output
    assert "tensorflow" in imported
    assert (tmp_path / "out" / "shot0_mmse.tif").exists()
