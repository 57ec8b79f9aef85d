"""The folder beside a result in which it is made, until it is complete."""

import contextlib
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from divnoising_tf._files import refuse_existing
from divnoising_tf.errors import InputError
from divnoising_tf.large.journal import Journal


class Unfinished:
    """A folder NAME.partial that holds the result, and the journal of its parts.

    Args:
        output: the final name of the result, a file or a folder.
    """

    def __init__(self, output: Path):
        self.output = output
        self.folder = output.with_name(f"{output.name}.partial")
        self.result = self.folder / output.name
        self.model = self.folder / "model.keras"
        self.journal = Journal(self.folder / "journal.txt")

    @property
    def begun(self) -> bool:
        """Whether there is something to go on with."""
        return self.result.exists() and self.journal.begun

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes from the same work for the time of a block.

        Raises:
            InputError: another process is at it, or the folder cannot be made.
        """
        with self._lock_file() as file:
            if not _lock(file):
                raise InputError(
                    "Another process is working on this result.",
                    self.folder,
                    "Wait until it is done, or choose another output.",
                )
            try:
                yield
            finally:
                self._remove_if_empty()

    def can_go_on(self, settings: Mapping[str, Any], overwrite: bool = False) -> bool:
        """Say whether there is a result that was begun with these settings.

        Args:
            settings: plain values, as for JSON.
            overwrite: whether one with other settings may be given up.

        Raises:
            InputError: settings differ, and `overwrite` is false; the message names them.
        """
        if not self.begun:
            return False
        try:
            self._require_settings(settings)
        except InputError:
            if not overwrite:
                raise
            return False
        return True

    def clear(self) -> None:
        """Delete what is in the folder, to begin anew."""
        for path in self.folder.iterdir():
            if path.name == "lock":
                continue
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()

    def finish(self, overwrite: bool) -> None:
        """Give the result its final name, and delete the rest.

        Args:
            overwrite: whether what has that name may be replaced.

        Raises:
            InputError: something of that name has come meanwhile.
        """
        refuse_existing(self.output, overwrite)
        if self.output.exists():
            replaced = self.folder / "replaced"
            shutil.rmtree(replaced, ignore_errors=True)
            replaced.mkdir()
            os.replace(self.output, replaced / self.output.name)
        os.replace(self.result, self.output)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _remove_if_empty(self) -> None:
        with contextlib.suppress(OSError):
            if [path.name for path in self.folder.iterdir()] == ["lock"]:
                shutil.rmtree(self.folder)

    def _lock_file(self) -> IO[str]:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            return open(self.folder / "lock", "a")
        except OSError as error:
            raise InputError(
                "The output folder cannot be written to.",
                f"{self.folder} ({error.strerror})",
                "Choose a folder that you may write to, on a disk with space left.",
            ) from error

    def _require_settings(self, settings: Mapping[str, Any]) -> None:
        different = self.journal.differences(settings)
        if different:
            raise InputError(
                "There is an unfinished result that was begun with other settings.",
                f"{self.folder}: {'; '.join(different)}",
                "Give the same settings to go on with it, or say overwrite=True (--overwrite on "
                "the command line) to begin anew.",
            )


def _lock(file: Any) -> bool:
    """Lock a file until it is closed; False if another process has locked it."""
    try:
        import fcntl
    except ImportError:  # Windows
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # this file system has no locks
        return True
    return True
