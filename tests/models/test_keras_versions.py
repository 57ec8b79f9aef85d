"""Files of models cross versions of Keras, from the oldest that is allowed on, both ways."""

import json
import os
import subprocess
import sys
from pathlib import Path

import keras
import pytest
from helpers import saved_by_keras
from helpers.consumer_tools import finished, missing

# the floor of setup.cfg, and the last that passes over layers in a list of lists
_OLD = ("3.12.0", "3.14.0")
_TESTS = Path(__file__).parents[1]
_ROOT = _TESTS.parent


def test_the_floor_is_that_of_the_requirements():
    assert f"keras>={_OLD[0]}" in (_ROOT / "setup.cfg").read_text().split()


@pytest.mark.slow
def test_models_and_trainings_are_read_by_other_versions_of_keras(tmp_path, record_property):
    """Each version reads what those before it in this order have saved; the present one all."""
    present = tmp_path / "present"
    saved = {str(present): saved_by_keras.written(present)}
    versions = []
    for version in _OLD:
        own = tmp_path / f"by-{version}"
        found_by, new, found = _run(_installed(version, tmp_path), own, *saved)
        assert found_by == version
        saved[str(own)] = new
        assert found == saved, version
        versions.append(version)
    assert {folder: saved_by_keras.read(Path(folder)) for folder in saved} == saved
    record_property("version", ", ".join((*versions, keras.__version__)))


def _installed(version, folder):
    """Return a folder with a version of Keras; end the test here if the network is what lacks."""
    target = folder / f"keras-{version}"
    wanted = ("--no-deps", "--disable-pip-version-check", f"keras=={version}")
    done = finished(sys.executable, "-m", "pip", "install", "--target", target, *wanted)
    if done.returncode:
        missing(f"Keras {version} cannot be downloaded: {done.stderr.strip()[-500:]}")
    return target


def _run(target, own, *others):
    path = os.pathsep.join(map(str, (target, _ROOT, _TESTS)))
    done = subprocess.run(
        [sys.executable, str(_TESTS / "helpers" / "saved_by_keras.py"), str(own), *others],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout.splitlines()[-1])
