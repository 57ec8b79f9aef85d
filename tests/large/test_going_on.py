"""Work that was stopped goes on, and the result is the same."""

import errno
import json

import numpy as np
import pytest
import tifffile

import divnoising_tf as dn
from divnoising_tf import InputError
from divnoising_tf.large.tile_work import TileWork

from .conftest import OPTIONS, StopError, result_of, small_model, stop_after

pytest.importorskip("zarr")


@pytest.mark.parametrize("name", ["out.zarr", "out.tif"])
def test_a_stopped_call_goes_on_and_gives_the_same(scene, model, tmp_path, monkeypatch, name):
    whole = dn.denoise_large(model, scene.path, tmp_path / "whole" / name, **OPTIONS)
    with monkeypatch.context() as patch:
        stop_after(patch, 5, StopError())
        with pytest.raises(StopError):
            dn.denoise_large(model, scene.path, tmp_path / name, **OPTIONS)
    assert not (tmp_path / name).exists()
    done = []
    original = TileWork.do
    monkeypatch.setattr(TileWork, "do", lambda self, n: done.append(n) or original(self, n))
    # the size of the tiles is that of the beginning
    options = {key: value for key, value in OPTIONS.items() if key != "tile_size"}
    out = dn.denoise_large(model, scene.path, tmp_path / name, **options)
    assert done == list(range(5, 12))
    read = result_of if name.endswith(".zarr") else tifffile.imread
    np.testing.assert_array_equal(read(out), read(whole))
    assert not (tmp_path / f"{name}.partial").exists()


@pytest.fixture
def stopped(scene, model, tmp_path):
    """The path of a result that was begun."""
    out = tmp_path / "out.zarr"
    with pytest.MonkeyPatch.context() as patch:
        stop_after(patch, 5, StopError())
        with pytest.raises(StopError):
            dn.denoise_large(model, scene.path, out, **OPTIONS)
    return out


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"average": 5}, "average was 4 and is 5"),
        ({"antithetic": True}, "antithetic was False and is True"),
        ({"samples": 1}, "samples was 2 and is 1"),
        ({"seed": 4}, "seed was 3 and is 4"),
        ({"channels_as_planes": True}, "channels as planes was False and is True"),
        ({"tile_size": 32}, "tile size was 64 and is 32"),
        ({"ome_zarr": "0.4"}, "OME-Zarr was 0.5 and is 0.4"),
    ],
)
def test_other_settings_are_refused_until_told(
    scene, model, stopped, assert_close, changed, message
):
    options = {**OPTIONS, **changed}
    with pytest.raises(InputError, match=message):
        dn.denoise_large(model, scene.path, stopped, **options)
    if "seed" in changed:
        dn.denoise_large(model, scene.path, stopped, overwrite=True, **options)
        assert_close(result_of(stopped)[0], model.posterior(scene.pixels, seed=4).moments(4).mean)


def test_another_model_or_image_is_refused(scene, model, stopped, tmp_path):
    with pytest.raises(InputError, match="model was"):
        dn.denoise_large(small_model(seed=1), scene.path, stopped, **OPTIONS)
    tifffile.imwrite(tmp_path / "other.tif", scene.pixels[::-1])
    with pytest.raises(InputError, match="image was"):
        dn.denoise_large(model, tmp_path / "other.tif", stopped, **OPTIONS)


def test_a_damaged_journal_is_named_and_a_cut_line_does_not_count(scene, model, stopped):
    journal = stopped.with_name("out.zarr.partial") / "journal.txt"
    content = journal.read_bytes()
    journal.write_bytes(b"rubbish\n1\n")
    with pytest.raises(InputError, match="damaged"):
        dn.denoise_large(model, scene.path, stopped, **OPTIONS)
    journal.write_bytes(content + b"1")
    dn.denoise_large(model, scene.path, stopped, **OPTIONS)
    assert np.isfinite(result_of(stopped)).all()
    assert json.loads(content.splitlines()[0])["seed"] == 3


def test_a_full_disk_is_named_and_the_work_goes_on(
    scene, model, tmp_path, monkeypatch, assert_close
):
    full = OSError(errno.ENOSPC, "No space left on device")
    with monkeypatch.context() as patch:
        stop_after(patch, 5, full)
        with pytest.raises(InputError, match=r"No space left.*goes on where it stopped"):
            dn.denoise_large(model, scene.path, tmp_path / "out.zarr", **OPTIONS)
    out = dn.denoise_large(model, scene.path, tmp_path / "out.zarr", **OPTIONS)
    assert_close(result_of(out), scene.results)


def test_two_processes_do_not_do_the_same_work(scene, model, stopped):
    from divnoising_tf.large.unfinished import Unfinished

    with Unfinished(stopped).locked(), pytest.raises(InputError, match="Another process"):
        dn.denoise_large(model, scene.path, stopped, **OPTIONS)
