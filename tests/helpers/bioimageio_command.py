"""The command `bioimageio` in a process of its own, with its own cache and without the network."""

import json
import os
import subprocess
import sys

_SECONDS = 600


def bioimageio(*arguments, folder):
    """Run the command in a folder, to its end, and return what it printed.

    It is called as a module: an environment need not have its scripts on the path.
    """
    command = [sys.executable, "-m", "bioimageio.core", *map(str, arguments)]
    environment = {
        **os.environ,
        "BIOIMAGEIO_PERFORM_IO_CHECKS": "false",
        "BIOIMAGEIO_CACHE_PATH": str(folder / "cache"),
        "XDG_CACHE_HOME": str(folder),
    }
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=_SECONDS
    )
    printed = done.stdout + done.stderr
    assert done.returncode == 0, printed[-4000:]
    return printed


def check_with_bioimageio(package, folder):
    """Run `bioimageio test`: both kinds of weights reproduce the test output, in batches too."""
    bioimageio("test", package, "--summary", "summary.json", folder=folder)
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["status"] == "passed"
    runs = [one["name"] for one in summary["details"] if one["status"] == "passed"]
    for entry in ("tensorflow_saved_model_bundle", "onnx"):
        assert any(f"Reproduce test outputs from test inputs ({entry})" in run for run in runs)
        assert any(f"Run {entry} " in run and "batch_size: 2" in run for run in runs)
