"""Files appear under their final name only when they are complete."""

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from divnoising_tf.errors import InputError
from divnoising_tf.files.locks import Lock, cannot_write, is_held
from divnoising_tf.files.runs import is_left_over, note_result

# how the names of folders begin in which files are written
TEMPORARY = ".unfinished-"
_LOCK = ".divnoising-lock"
# no file takes this long to write; older ones are left over, whoever wrote them
_SECONDS_TO_WRITE = 86400


@contextlib.contextmanager
def atomic_path(path: str | os.PathLike[str], overwrite: bool = False) -> Iterator[Path]:
    """Give a temporary path beside `path`, and rename it to `path` when the block succeeds.

    A block that fails, or a process that is killed, leaves no file under the final name.
    What a killed process left under a temporary name is removed by the next one that writes
    into the folder. The temporary name keeps the suffix, because writers choose the format by it.

    Args:
        path: the final name. Missing parent folders are made.
        overwrite: whether an existing file may be replaced.

    Yields:
        The temporary path to write to.

    Raises:
        InputError: the file exists and `overwrite` is false, or the folder cannot be written.
    """
    final = Path(path)
    refuse_existing(final, overwrite)
    folder, lock = _temporary_folder(final.parent)
    temporary = folder / final.name
    try:
        yield temporary
        replaced = overwrite or is_left_over(final)
        note_result(final, temporary)
        if replaced:
            os.replace(temporary, final)
        else:
            _rename_to_new(temporary, final)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        lock.release()
        with contextlib.suppress(OSError):
            folder.rmdir()


def remove_folder(folder: Path) -> None:
    """Delete a folder: it is gone as a whole, or a kill leaves what the next writer removes."""
    if not folder.exists():
        return
    with contextlib.suppress(OSError, InputError):
        temporary, lock = _temporary_folder(folder.parent)
        with contextlib.suppress(OSError):
            os.replace(folder, temporary / folder.name)
        shutil.rmtree(temporary / folder.name, ignore_errors=True)
        lock.release()
        temporary.rmdir()
    # on a full disk there is no other way
    shutil.rmtree(folder, ignore_errors=True)


def _temporary_folder(parent: Path) -> tuple[Path, Lock]:
    """Make a folder for a file that is being written, and lock it as long as it is."""
    try:
        parent.mkdir(parents=True, exist_ok=True)
        _remove_left_over(parent)
        folder = Path(tempfile.mkdtemp(prefix=TEMPORARY, dir=parent))
        lock = Lock(folder / _LOCK)
        try:
            lock.take()
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
    except OSError as error:
        raise cannot_write(parent, error) from error
    return folder, lock


def _remove_left_over(parent: Path) -> None:
    """Delete the temporary folders of processes that are no more."""
    for folder in parent.glob(f"{TEMPORARY}*"):
        with contextlib.suppress(OSError):
            held = is_held(folder / _LOCK)
            old = time.time() - folder.stat().st_mtime > _SECONDS_TO_WRITE
            if held is False or (held is None and old):
                shutil.rmtree(folder)


def _rename_to_new(temporary: Path, final: Path) -> None:
    """Rename, unless another process has made a file of that name meanwhile."""
    try:
        os.link(temporary, final)
    except OSError:
        # it exists, or this file system has no links
        refuse_existing(final, overwrite=False)
        os.replace(temporary, final)


def is_of_run(path: Path) -> bool:
    """Say whether a file is no result: a lock, or what a run has left that is now repeated."""
    lock = path.name.startswith(".") and path.name.endswith(".lock")
    return lock or path.name.startswith(TEMPORARY) or is_left_over(path)


def refuse_existing(path: Path, overwrite: bool) -> None:
    """Refuse a path that exists, unless it may be replaced.

    Raises:
        InputError: it exists and `overwrite` is false.
    """
    if path.exists() and not overwrite and not is_left_over(path):
        raise InputError(
            "The output exists already and is not replaced.",
            path,
            "Choose another name, or say overwrite=True (--overwrite on the command line).",
        )
