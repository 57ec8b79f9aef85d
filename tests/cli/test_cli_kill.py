import csv
import json
import signal
import subprocess
import sys
import time

import pytest

_PROGRAM = (sys.executable, "-c", "from divnoising_tf.cli import main; main()")


@pytest.mark.slow
def test_a_training_ended_by_sigkill_goes_on_from_its_last_epoch(files, tmp_path):
    output, state = tmp_path / "model.keras", tmp_path / "model.training" / "state.json"
    options = ("train", files.images, "--noise-model", files.noise, "-o", output, "--depth", 1)
    options += ("--latent-channels", 4, "--base-channels", 4, "--patch-size", 16, "--minutes", 30)
    command = [str(one) for one in (*_PROGRAM, *options)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        waited = time.monotonic()
        while not (state.exists() and json.loads(state.read_text())["epoch"] >= 3):
            assert process.poll() is None
            assert time.monotonic() - waited < 120
            time.sleep(0.05)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert not output.exists()
    done = json.loads(state.read_text())["epoch"]
    again = [*command, "--resume", "--epochs", str(done + 2)]
    result = subprocess.run(again, capture_output=True, text=True, check=False, timeout=600)
    assert result.returncode == 0, result.stderr
    assert f"Going on with epoch {done + 1}" in result.stderr
    with (tmp_path / "model.history.csv").open() as file:
        assert [int(row["epoch"]) for row in csv.DictReader(file)] == list(range(done + 2))
    assert {path.suffix for path in tmp_path.iterdir()} == {".keras", ".yaml", ".csv"}
