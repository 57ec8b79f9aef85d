"""A command that was killed between two images goes on with those that are left."""

import numpy as np
import pytest
import tifffile

from divnoising_tf.cli import _whole
from divnoising_tf.cli._run_record import RunRecord

from .test_cli_large import _write_zarr

zarr = pytest.importorskip("zarr")


class _KilledError(BaseException):
    """Ends the process for what runs in it."""


def _result_of(path):
    return tifffile.imread(path) if path.suffix == ".tif" else zarr.open_group(path)["0"][:]


def _contents(folder):
    return {path.name: _result_of(path) for path in folder.iterdir() if path.suffix != ".yaml"}


def _times(folder):
    return {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}


@pytest.fixture
def command(files, tmp_path):
    """A command for three images, two of them tile by tile."""
    images = tmp_path / "images"
    for number in (0, 1):
        _write_zarr(images / f"a{number}.zarr", files.array[number])
    tifffile.imwrite(images / "b0.tif", files.array[2])
    options = ("--average", 3, "--samples", 1, "--seed", 2, "--separate")
    return "denoise", images, "-m", files.model, *options


def _kill(monkeypatch, run, command, recorded=True):
    """Kill a command after an image, before or after it is on record."""
    add = RunRecord.add

    def killed(self, number):
        if recorded:
            add(self, number)
        raise _KilledError

    with monkeypatch.context() as patch:
        patch.setattr(RunRecord, "add", killed)
        with pytest.raises(_KilledError):
            run(*command)


def _kill_within(monkeypatch, run, command, name):
    """Kill a command when it has written one of the results of an image."""

    def announce(path):
        if path.name == name:
            raise _KilledError

    with monkeypatch.context() as patch:
        patch.setattr(_whole, "announce", announce)
        with pytest.raises(_KilledError):
            run(*command)


def test_the_same_command_goes_on(command, run, tmp_path, monkeypatch):
    out = tmp_path / "out"
    again = (*command, "-o", out)
    _kill(monkeypatch, run, again)
    _kill(monkeypatch, run, again, recorded=False)
    _kill_within(monkeypatch, run, again, "b0_uncertainty.tif")
    before = _times(out)
    assert {"denoise.unfinished", "a0_denoised.zarr", "a1_denoised.zarr"} < set(before)
    assert "b0_samples.tif" not in before
    result = run(*again)
    assert result.exit_code == 0, result.output
    assert "2 of 3 images were denoised before" in result.stderr
    after = _times(out)
    assert "denoise.unfinished" not in after
    for name in ("a0_denoised.zarr", "a1_denoised.zarr"):
        assert after[name] == before[name]
    assert run(*command, "-o", tmp_path / "whole").exit_code == 0
    whole, found = _contents(tmp_path / "whole"), _contents(out)
    assert set(after) == set(_times(tmp_path / "whole"))
    for name, pixels in whole.items():
        np.testing.assert_array_equal(found[name], pixels)


def test_other_settings_are_refused_and_overwrite_begins_anew(command, run, tmp_path, monkeypatch):
    again = (*command, "-o", tmp_path / "out")
    _kill(monkeypatch, run, again)
    other = tmp_path / "images" / "b2.tif"
    result = run(*again, "--average", 4)
    assert result.exit_code == 2
    assert "average was 3 and is 4" in " ".join(result.output.split())
    tifffile.imwrite(other, np.full((32, 32), 100, np.uint16))
    result = run(*again)
    assert result.exit_code == 2
    assert "files was" in result.output
    other.unlink()
    result = run(*again, "--average", 4, "--overwrite")
    assert result.exit_code == 0, result.output
    assert "denoised before" not in result.stderr
    assert not (tmp_path / "out" / "denoise.unfinished").exists()


def test_a_failure_before_the_first_result_leaves_no_record(command, run, tmp_path):
    result = run(*command, "-o", tmp_path / "out", "--tolerance", 0)
    assert result.exit_code == 2
    assert not (tmp_path / "out").exists()
