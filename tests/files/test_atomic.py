import os
import time

import pytest
from helpers.other_process import OtherProcess

from divnoising_tf import InputError
from divnoising_tf.files import atomic
from divnoising_tf.files.atomic import atomic_path, remove_folder

_WRITES = """
import sys
from divnoising_tf.files.atomic import atomic_path
with atomic_path(sys.argv[1]) as temporary:
    temporary.write_text("unfinished")
    wait_here()
"""


def _write(path):
    with atomic_path(path) as temporary:
        temporary.write_text("content")


def _names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_what_a_killed_process_left_is_removed_and_what_a_living_one_writes_is_not(tmp_path):
    out = tmp_path / "out"
    with OtherProcess(tmp_path / "talk", _WRITES, out / "first") as other:
        _write(out / "second")
        (unfinished,) = out.glob(".unfinished-*")
        assert (unfinished / "first").read_text() == "unfinished"
        other.kill()
    assert unfinished.exists()
    _write(out / "third")
    assert _names(out) == ["second", "third"]


def test_what_nobody_has_locked_is_removed_after_a_day(tmp_path):
    for name, days in (("old", 2), ("new", 0)):
        folder = tmp_path / f".unfinished-{name}"
        folder.mkdir()
        (folder / "result").touch()
        then = time.time() - days * 86400
        os.utime(folder, (then, then))
    _write(tmp_path / "result")
    assert _names(tmp_path) == [".unfinished-new", "result"]


def test_a_block_that_fails_leaves_nothing(tmp_path):
    with pytest.raises(TypeError), atomic_path(tmp_path / "result") as temporary:
        temporary.write_text(b"not text")
    assert _names(tmp_path) == []


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot be written to") as refused:
        _write(tmp_path / "file" / "result")
    assert refused.value.received.startswith(str(tmp_path / "file"))


def test_a_folder_is_removed_at_once(tmp_path, monkeypatch):
    folder = tmp_path / "state"
    folder.mkdir()
    (folder / "one").touch()

    def killed(path, **options):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(atomic.shutil, "rmtree", killed)
        with pytest.raises(KeyboardInterrupt):
            remove_folder(folder)
    assert not folder.exists()
    remove_folder(folder)


def test_a_folder_is_removed_from_a_full_disk(tmp_path, monkeypatch):
    folder = tmp_path / "state"
    folder.mkdir()

    def full(**options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic.tempfile, "mkdtemp", full)
    remove_folder(folder)
    assert _names(tmp_path) == []
