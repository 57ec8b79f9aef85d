import json
import os
import platform

import pytest
from helpers.other_process import OtherProcess

from divnoising_tf import InputError
from divnoising_tf.files import locks
from divnoising_tf.files.locks import Holder, Lock, is_held

_HOLDS = """
import sys
from divnoising_tf.files.locks import Lock
lock = Lock(pathlib.Path(sys.argv[1]))
lock.take()
wait_here()
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "results" / ".lock"


@pytest.fixture
def no_system_locks(monkeypatch):
    """A file system, as some of networks are, on which the system locks nothing."""
    monkeypatch.setattr(locks, "_system_lock", lambda file: None)


def _write(path, **changed):
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(Holder.here()._replace(**changed)._asdict()) + "\nnote\n")


def test_a_second_process_is_told_who_holds_the_lock_and_takes_it_after_a_kill(path, tmp_path):
    with OtherProcess(tmp_path / "talk", _HOLDS, path) as other:
        assert is_held(path) is True
        with pytest.raises(InputError, match="Another process is writing") as refused:
            Lock(path).take()
        said = refused.value.received
        for part in (str(path), f"process {other.number} on {platform.node()} since 20", "-c"):
            assert part in said
        other.kill()
    assert is_held(path) is False
    lock = Lock(path)
    lock.take()
    assert str(os.getpid()) in path.read_text()
    lock.release()
    # only what the first process made is left: the folder, which is not of this lock
    assert list(path.parent.iterdir()) == []


def test_a_lock_given_back_leaves_nothing(path):
    lock = Lock(path)
    lock.take()
    with pytest.raises(InputError, match=f"process {os.getpid()}"):
        Lock(path).take()
    lock.release()
    assert not path.parent.exists()


def test_a_file_that_came_into_the_folder_stays(path):
    lock = Lock(path)
    lock.take()
    (path.parent / "result").touch()
    lock.release()
    assert [one.name for one in path.parent.iterdir()] == ["result"]


def test_a_lock_of_another_computer_is_not_taken_over(path):
    _write(path, host="elsewhere")
    assert is_held(path) is None
    with pytest.raises(InputError, match="another computer") as refused:
        Lock(path).take()
    assert "on elsewhere" in refused.value.received
    assert str(path) in refused.value.received
    assert "delete this file" in refused.value.advice
    path.unlink()
    Lock(path).take()


def test_a_lock_given_back_with_notes_is_taken_by_any_computer(path, monkeypatch):
    lock = Lock(path)
    lock.take()
    lock.notes = ["one", "two"]
    lock.release(keep_notes=True)
    monkeypatch.setattr(platform, "node", lambda: "elsewhere")
    lock = Lock(path)
    lock.take()
    assert lock.notes == ["one", "two"]
    lock.release()


def test_without_locks_of_the_system_the_process_decides(path, tmp_path, no_system_locks):
    with OtherProcess(tmp_path / "talk", _HOLDS, path) as other:
        assert is_held(path) is True
        with pytest.raises(InputError, match=f"process {other.number}"):
            Lock(path).take()
        other.kill()
    assert is_held(path) is False
    Lock(path).take()


@pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="only Linux is asked")
def test_the_number_of_a_dead_process_may_be_used_again(path, no_system_locks):
    _write(path)
    assert is_held(path) is True
    _write(path, began="another boot:1")
    assert is_held(path) is False
    lock = Lock(path)
    lock.take()
    assert lock.notes == ["note"]


@pytest.mark.parametrize("content", ["", "{}", "[1]", "rubbish", "\0\n\0"])
def test_a_lock_that_does_not_say_whose_it_is_counts_by_the_system_alone(path, content):
    path.parent.mkdir()
    path.write_text(content)
    assert is_held(path) is None
    lock = Lock(path)
    lock.take()
    assert lock.notes == []
    with pytest.raises(InputError):
        Lock(path).take()


def test_a_lock_that_was_removed_while_it_was_waited_for_is_of_nothing(path, monkeypatch):
    first = Lock(path)
    first.take()
    real = locks._system_lock

    def late(file):
        first.release()
        monkeypatch.setattr(locks, "_system_lock", real)
        path.parent.mkdir(exist_ok=True)
        return real(file)

    monkeypatch.setattr(locks, "_system_lock", late)
    second = Lock(path)
    second.take()
    with pytest.raises(InputError, match="Another process"):
        Lock(path).take()
    second.release()
    assert not path.exists()


def test_a_lock_is_not_removed_with_the_folder_of_another(path):
    first = Lock(path)
    first.take()
    path.unlink()
    second = Lock(path)
    second.take()
    first.release()
    assert path.exists()
    with pytest.raises(InputError, match="Another process"):
        Lock(path).take()


def test_long_commands_are_shortened(monkeypatch):
    monkeypatch.setattr("sys.argv", ["/somewhere/divnoising", "denoise", *["image.tif"] * 1000])
    assert Holder.here().command.startswith("divnoising denoise image.tif")
    assert len(Holder.here().command) <= 200
