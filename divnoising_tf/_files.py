"""Files appear under their final name only when they are complete."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from divnoising_tf.errors import InputError


@contextlib.contextmanager
def atomic_path(path: str | os.PathLike, overwrite: bool = False) -> Iterator[Path]:
    """Give a temporary path beside `path`, and rename it to `path` when the block succeeds.

    A block that fails, or a process that is killed, leaves no file under the final name.
    The temporary name keeps the suffix, because writers choose the format by it.

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
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        folder = tempfile.mkdtemp(prefix=".unfinished-", dir=final.parent)
    except OSError as error:
        raise InputError(
            "The output folder cannot be written to.",
            f"{final.parent} ({error.strerror})",
            "Choose a folder that you may write to, on a disk with space left.",
        ) from error
    temporary = Path(folder) / final.name
    try:
        yield temporary
        if overwrite:
            os.replace(temporary, final)
        else:
            _rename_to_new(temporary, final)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
            os.rmdir(folder)


def _rename_to_new(temporary: Path, final: Path) -> None:
    """Rename, unless another process has made a file of that name meanwhile."""
    try:
        os.link(temporary, final)
    except OSError:
        # it exists, or this file system has no links
        refuse_existing(final, overwrite=False)
        os.replace(temporary, final)


def refuse_existing(path: Path, overwrite: bool) -> None:
    """Refuse a path that exists, unless it may be replaced.

    Raises:
        InputError: it exists and `overwrite` is false.
    """
    if path.exists() and not overwrite:
        raise InputError(
            "The output exists already and is not replaced.",
            path,
            "Choose another name, or say overwrite=True (--overwrite on the command line).",
        )
