"""Seconds that `import divnoising_tf` takes beyond importing TensorFlow and Keras."""

import runpy
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any

CHECK = Path(__file__).parents[1] / "tests" / "check_imports.py"


def rows(quick: bool) -> list[dict[str, Any]]:
    """Return the row of the table."""
    program = runpy.run_path(str(CHECK))["PROGRAM"]
    seconds = [_seconds(program) for _ in range(1 if quick else 5)]
    return [
        {
            "work": "import divnoising_tf, beyond keras and tensorflow",
            "which": "seconds, median",
            "seconds": round(median(seconds), 3),
        }
    ]


def _seconds(program: str) -> float:
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(done.stdout.strip().splitlines()[-1].split(" ")[0])
