"""A training on a disk that is too small ends with a sentence, and goes on when there is space."""

import subprocess

import numpy as np
import pytest

_TINY = ("--depth", 1, "--latent-channels", 4, "--base-channels", 4, "--patch-size", 16)


@pytest.fixture
def disk(tmp_path):
    """Return a function that gives a folder a size in kilobytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = []

    def resized(kilobytes):
        options = f"size={kilobytes}k" + (",remount" if mounted else "")
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
        try:
            subprocess.run(command, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            pytest.skip("a small file system can be made by root on Linux alone")
        mounted.append(folder)
        return folder

    yield resized
    if mounted:
        subprocess.run(["umount", str(folder)], check=True)


# at the settings, the first state, the second state or the model, and what goes with the model
@pytest.mark.parametrize("kilobytes", [4, 16, 60, 120])
def test_a_training_goes_on_when_there_is_space(files, run, disk, tmp_path, kilobytes):
    folder = disk(kilobytes)
    np.save(tmp_path / "images.npy", files.array)
    output = ("-o", folder / "model.keras", "--noise-model", files.noise, "--epochs", 2)
    command = ("train", tmp_path / "images.npy", *output, *_TINY)
    for options in ((), ("--resume",)):
        full = run(*command, *options)
        assert full.exit_code == 2, full.output
        assert "No space left on device" in full.stderr
        assert "on the disk" in full.stderr or "on a disk" in full.stderr
    disk(1000)
    result = run(*command, "--resume")
    assert result.exit_code == 0, result.output
    results = {path.name for path in folder.iterdir()}
    assert results == {"model.keras", "model.settings.yaml", "model.history.csv"}


def test_a_disk_that_fills_says_how_to_go_on(files, run, tmp_path, monkeypatch):
    from divnoising_tf.training import backup

    written = []

    def full(descriptor):
        written.append(descriptor)
        if len(written) == 2:
            raise OSError(28, "No space left on device")

    command = ("train", files.images, "--noise-model", files.noise, *_TINY, "--epochs", 2)
    command += ("-o", tmp_path / "model.keras")
    with monkeypatch.context() as patch:
        patch.setattr(backup.os, "fsync", full)
        result = run(*command)
    assert result.exit_code == 2
    assert "No space left on device" in result.stderr
    assert "go on with the same command and --resume" in result.stderr
    result = run(*command, "--resume")
    assert result.exit_code == 0, result.output
    assert "Going on with epoch 2" in result.stderr
