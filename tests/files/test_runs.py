import contextlib

import pytest
from helpers.other_process import OtherProcess

from divnoising_tf import InputError
from divnoising_tf.files.atomic import atomic_path
from divnoising_tf.files.runs import Run, is_left_over

_WRITES = """
import sys
from divnoising_tf.files.atomic import atomic_path
from divnoising_tf.files.runs import Run
folder = pathlib.Path(sys.argv[1])
with Run(folder / ".lock", "key"), atomic_path(folder / "first") as temporary:
    temporary.write_text("of the dead")
    wait_here()
"""


def _write(path, content="new", overwrite=False):
    with atomic_path(path, overwrite) as temporary:
        temporary.write_text(content)


def _fail(folder, name="first"):
    with contextlib.suppress(ZeroDivisionError), Run(folder / ".lock", "key"):
        _write(folder / name, "old")
        raise ZeroDivisionError


def test_a_run_that_ends_leaves_no_lock(tmp_path):
    with Run(tmp_path / ".lock", "key"):
        _write(tmp_path / "first")
    assert [path.name for path in tmp_path.iterdir()] == ["first"]
    with Run(tmp_path / ".lock", "key"), pytest.raises(InputError, match="exists already"):
        _write(tmp_path / "first")


def test_the_same_run_replaces_what_it_left(tmp_path):
    _fail(tmp_path)
    assert not is_left_over(tmp_path / "first")
    with Run(tmp_path / ".lock", "key"):
        assert is_left_over(tmp_path / "first")
        _write(tmp_path / "first")
        assert not is_left_over(tmp_path / "first")
        with pytest.raises(InputError, match="exists already"):
            _write(tmp_path / "first")
    assert (tmp_path / "first").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["first"]


def test_what_two_runs_left_is_replaced_by_the_third(tmp_path):
    _fail(tmp_path)
    _fail(tmp_path, "second")
    with Run(tmp_path / ".lock", "key"):
        _write(tmp_path / "first")
        _write(tmp_path / "second")


def test_another_run_replaces_nothing(tmp_path):
    _fail(tmp_path)
    with pytest.raises(InputError, match="exists already"), Run(tmp_path / ".lock", "other key"):
        _write(tmp_path / "first")
    assert (tmp_path / "first").read_text() == "old"
    # nor does it make the first one forget
    with Run(tmp_path / ".lock", "key"):
        _write(tmp_path / "first")


def test_a_file_that_the_user_has_changed_is_not_replaced(tmp_path):
    _fail(tmp_path)
    (tmp_path / "first").write_text("precious")
    with Run(tmp_path / ".lock", "key"), pytest.raises(InputError, match="exists already"):
        _write(tmp_path / "first")
    assert (tmp_path / "first").read_text() == "precious"


def test_a_run_that_fails_before_its_first_result_leaves_nothing(tmp_path):
    with pytest.raises(ZeroDivisionError), Run(tmp_path / "out" / ".lock", "key"):
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_what_was_noted_and_never_got_its_name_is_nothing(tmp_path):
    with contextlib.suppress(ZeroDivisionError), Run(tmp_path / ".lock", "key") as run:
        (tmp_path / "temporary").touch()
        run.add(tmp_path / "first", tmp_path / "temporary")
        raise ZeroDivisionError
    with Run(tmp_path / ".lock", "key"):
        assert not is_left_over(tmp_path / "first")
        _write(tmp_path / "first")


def test_a_killed_run_is_repeated(tmp_path):
    with OtherProcess(tmp_path / "talk", _WRITES, tmp_path / "out") as other:
        other.kill()
    assert len(list((tmp_path / "out").iterdir())) == 2  # the lock, and the unfinished file
    with Run(tmp_path / "out" / ".lock", "key"):
        _write(tmp_path / "out" / "first")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["first"]
