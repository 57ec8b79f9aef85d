"""Training on two logical devices, in a process of its own: devices are made at its start."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from divnoising_tf.models.replicas import also_for_empty_batches, seed_of_replica, share_of_loss

_TESTS = Path(__file__).parents[1]
_PROGRAM = _TESTS / "helpers" / "replicas.py"


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folders = [str(_TESTS), str(_TESTS.parent), os.environ.get("PYTHONPATH", "")]
    process = subprocess.run(
        [sys.executable, str(_PROGRAM), str(tmp_path_factory.mktemp("replicas"))],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(folders), "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert process.returncode == 0, process.stderr[-3000:]
    line = next(one for one in process.stdout.splitlines() if one.startswith("RESULTS"))
    return json.loads(line.removeprefix("RESULTS"))


@pytest.mark.slow
def test_weights_after_twenty_steps_are_those_of_one_device(results):
    assert results["moved"] > 0.01
    assert results["difference"] < 1e-4 * results["moved"] + 1e-6


@pytest.mark.slow
def test_metrics_are_those_of_one_device(results):
    one, two = results["histories"]
    for name, values in one.items():
        np.testing.assert_allclose(two[name], values, rtol=1e-4, err_msg=name)


@pytest.mark.slow
def test_callbacks_statistics_and_saving_work_on_two_devices(results):
    used = results["used"]
    assert used["kl_weights"] == [0.0, 0.5, 0.0]
    assert used["restarts"] == 1
    assert used["same_after_loading"]
    assert used["mean"] == pytest.approx(results["mean_of_images"], rel=1e-4)


@pytest.mark.slow
def test_a_batch_too_small_for_all_devices_counts_as_it_should(results):
    history = results["used"]["history"]
    whole = np.add(history["val_reconstruction"], history["val_kl"])
    np.testing.assert_allclose(history["val_loss"], whole, rtol=1e-5)


@pytest.mark.slow
def test_devices_draw_noise_of_their_own(results):
    assert results["used"]["between_replicas"] > 0.1


def test_one_device_is_left_alone():
    seed = tf.constant([1, 2])
    images = tf.zeros((3, 4, 4, 1))
    assert share_of_loss() == 1.0
    assert seed_of_replica(seed) is seed
    assert also_for_empty_batches(lambda batch: {"same": batch}, images)["same"] is images
