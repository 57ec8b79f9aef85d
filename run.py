#!/usr/bin/env python3
"""Set up an environment beside this file and run in it: `python3 run.py demo` or `... test`.

Needs nothing but Python 3.10 or newer. Further arguments go to the command.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
COMMANDS = {
    "demo": ["-m", "divnoising_tf.cli", "demo"],
    # four processes at most: each has TensorFlow, a gigabyte and threads of its own
    "test": [
        "-m",
        "pytest",
        "-m",
        "not slow",
        "-n",
        "auto",
        "--maxprocesses",
        "4",
        "--dist",
        "loadgroup",
    ],
}


def main() -> int:
    """Run the command that the user named; return its exit code."""
    if sys.version_info < (3, 10):  # noqa: UP036, an old Python shall say so
        print(f"Python 3.10 or newer is needed; this is {sys.version.split()[0]}.")
        return 2
    if len(sys.argv) < 2 or sys.argv[1] not in COMMANDS:
        print(f"Usage: python3 run.py {'|'.join(COMMANDS)} [arguments]")
        return 2
    if not set_up():
        return 1
    command = [str(PYTHON), *COMMANDS[sys.argv[1]], *sys.argv[2:]]
    # whatever backend the user has chosen for other programs
    environment = {"TF_CPP_MIN_LOG_LEVEL": "2", **os.environ, "KERAS_BACKEND": "tensorflow"}
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def set_up() -> bool:
    """Make the environment unless it is there and belongs to the present requirements."""
    requirements = b"".join((ROOT / name).read_bytes() for name in ("setup.cfg", "pyproject.toml"))
    digest = hashlib.sha256(requirements).hexdigest()
    stamp = ENVIRONMENT / "requirements.sha256"
    if PYTHON.exists() and stamp.exists() and stamp.read_text() == digest:
        return True
    print("Setting up .venv (TensorFlow is a large download; this happens once) ...", flush=True)
    steps = [
        [sys.executable, "-m", "venv", str(ENVIRONMENT)],
        [str(PYTHON), "-m", "pip", "install", "--quiet", "--upgrade", "pip"],
        [str(PYTHON), "-m", "pip", "install", "--quiet", "--editable", f"{ROOT}[dev]"],
    ]
    for step in steps:
        if subprocess.run(step, check=False).returncode:
            print(f"This step of the set-up failed: {' '.join(step)}")
            print("On Debian and Ubuntu, 'apt install python3-venv' may be what is missing.")
            return False
    stamp.write_text(digest)
    return True


if __name__ == "__main__":
    sys.exit(main())
