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
    """A command for four images, two of them tile by tile."""
    images = tmp_path / "images"
    for number in (0, 1):
        _write_zarr(images / f"a{number}.zarr", files.array[number])
        tifffile.imwrite(images / f"b{number}.tif", files.array[number + 2])
    return "denoise", images, "-m", files.model, "--average", 3, "--samples", 1, "--seed", 2


@pytest.fixture
def expected(command, run, tmp_path):
    """The results of a command that nothing stops."""
    assert run(*command, "-o", tmp_path / "whole").exit_code == 0
    return _contents(tmp_path / "whole")


def _kill(monkeypatch, run, command, images, recorded):
    """Kill a command after some images, before or after the last of them is on record."""
    numbers, add = [], RunRecord.add

    def counted(self, number):
        numbers.append(number)
        if len(numbers) < images or recorded:
            add(self, number)
        if len(numbers) == images:
            raise _KilledError

    with monkeypatch.context() as patch:
        patch.setattr(RunRecord, "add", counted)
        with pytest.raises(_KilledError):
            run(*command)


def test_the_same_command_goes_on(command, run, tmp_path, monkeypatch, expected):
    for images, recorded in ((1, True), (2, False), (3, True), (3, False)):
        out = tmp_path / f"{images} {recorded}"
        again = (*command, "-o", out)
        _kill(monkeypatch, run, again, images, recorded)
        before = _times(out)
        assert "denoise.unfinished" in before
        result = run(*again)
        assert result.exit_code == 0, result.output
        assert f"{images} of 4 images were denoised before" in result.stderr
        assert set(_contents(out)) == set(expected)
        for name, pixels in _contents(out).items():
            np.testing.assert_array_equal(pixels, expected[name])
        done = set(before) - {"denoise.unfinished"}
        assert {name: _times(out)[name] for name in done} == {name: before[name] for name in done}
        assert (out / "denoise.settings.yaml").exists()


def test_an_image_of_which_a_part_is_written_is_done_again(
    command, run, tmp_path, monkeypatch, expected
):
    def announce(path):
        if path.name == "b0_uncertainty.tif":
            raise _KilledError

    again = (*command, "-o", tmp_path / "out")
    with monkeypatch.context() as patch:
        patch.setattr(_whole, "announce", announce)
        with pytest.raises(_KilledError):
            run(*again)
    assert (tmp_path / "out" / "b0_mmse.tif").exists()
    result = run(*again)
    assert "2 of 4 images were denoised before" in result.stderr
    for name, pixels in _contents(tmp_path / "out").items():
        np.testing.assert_array_equal(pixels, expected[name])


def test_other_settings_are_refused_and_overwrite_begins_anew(command, run, tmp_path, monkeypatch):
    again = (*command, "-o", tmp_path / "out")
    _kill(monkeypatch, run, again, 2, recorded=True)
    other = tmp_path / "images" / "b2.tif"
    for options, message in (
        (("--average", 4), "average was 3 and is 4"),
        ((other,), "images was"),
    ):
        tifffile.imwrite(other, np.full((32, 32), 100, np.uint16))
        result = run(*again, *options)
        assert result.exit_code == 2
        assert message in " ".join(result.output.split())
        assert "files was" in result.output
    other.unlink()
    result = run(*again, "--average", 4, "--overwrite")
    assert result.exit_code == 0, result.output
    assert "denoised before" not in result.stderr
    assert not (tmp_path / "out" / "denoise.unfinished").exists()


def test_a_failure_before_the_first_result_leaves_no_record(command, run, tmp_path, monkeypatch):
    monkeypatch.setattr(RunRecord, "add", None)
    with pytest.raises(TypeError):
        run(*command, "-o", tmp_path / "out")
    assert not (tmp_path / "out" / "denoise.unfinished").exists()
