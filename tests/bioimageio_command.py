"""The command line of bioimageio.core, in a new process with its own cache, without network."""

import json
import os
import subprocess
import sys
from pathlib import Path


def run_bioimageio(folder, *arguments):
    """Run the command in a folder to its good end."""
    command = Path(sys.executable).with_name("bioimageio")
    environment = {
        **os.environ,
        "BIOIMAGEIO_PERFORM_IO_CHECKS": "false",
        "BIOIMAGEIO_CACHE_PATH": str(folder / "cache"),
        "XDG_CACHE_HOME": str(folder),
    }
    done = subprocess.run(
        [str(one) for one in (command, *arguments)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]


def run_bioimageio_test(package, folder):
    """Run `bioimageio test` on a package and return its summary."""
    summary = folder / "summary.json"
    run_bioimageio(folder, "test", package, "--summary", summary)
    return json.loads(summary.read_text())
