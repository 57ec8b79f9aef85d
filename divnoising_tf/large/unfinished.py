"""The folder beside a result in which it is made, until it is complete."""

import contextlib
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from divnoising_tf.errors import InputError
from divnoising_tf.files.atomic import refuse_existing
from divnoising_tf.files.journal import Journal
from divnoising_tf.files.locks import Lock, cannot_write

_LOCK = "lock"


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
        lock = Lock(self.folder / _LOCK)
        try:
            lock.take()
        except OSError as error:
            raise cannot_write(self.folder, error) from error
        try:
            yield
        finally:
            lock.release()
            with contextlib.suppress(OSError):  # if there is something to go on with
                self.folder.rmdir()

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
            if path.name == _LOCK:
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

    def _require_settings(self, settings: Mapping[str, Any]) -> None:
        different = self.journal.differences(settings)
        if different:
            raise InputError(
                "There is an unfinished result that was begun with other settings.",
                f"{self.folder}: {'; '.join(different)}",
                "Give the same settings to go on with it, or say overwrite=True (--overwrite on "
                "the command line) to begin anew.",
            )
