"""Runs that write several results: one at a time, and what a dead one left is replaced.

Every result is noted in the run's lock just before it gets its name. A run that ends leaves no
lock. After one that was killed, or that failed, the same run may replace what was noted.
"""

import contextlib
import json
import os
import sys
from pathlib import Path
from typing import Any

from divnoising_tf.files.locks import Lock, cannot_write

_running: list["Run"] = []


class Run:
    """Locks what a command writes, for the time of a `with` block.

    Args:
        lock: path of the lock, in the folder of the results.
        key: tells equal runs from others; of an unequal one nothing is replaced.
    """

    def __init__(self, lock: Path, key: str = ""):
        self._lock = Lock(lock)
        self._key = key
        self._folder = os.path.abspath(lock.parent)
        # of all runs so far that did not end: key, size and time of each file
        self._noted: dict[str, list[Any]] = {}
        self._written: set[str] = set()

    def __enter__(self) -> "Run":
        try:
            self._lock.take()
            self._noted = _noted(self._lock.notes)
        except OSError as error:
            raise cannot_write(self._lock.path.parent, error) from error
        _running.append(self)
        return self

    def __exit__(self, kind: Any, *_: Any) -> None:
        _running.remove(self)
        # Click before 8.2 does not pass on what has failed
        failed = (kind or sys.exc_info()[0]) is not None
        self._lock.release(keep_notes=failed and bool(self._noted))

    def left(self, path: Path) -> bool:
        """Say whether an equal run that did not end has left this file."""
        name = self._name(path)
        noted = None if name in self._written else self._noted.get(name)
        # the kill may have come before the noted file got its name
        return noted is not None and path.exists() and noted == [self._key, *_identity(path)]

    def add(self, path: Path, temporary: Path) -> None:
        """Note a result that is complete under a temporary name, if it is one of this run."""
        name = self._name(path)
        if name:
            self._noted[name] = [self._key, *_identity(temporary)]
            self._written.add(name)
            self._lock.add_note(json.dumps([name, *self._noted[name]]))

    def _name(self, path: Path) -> str:
        """Return the name of a file in the folder of the results, and "" of others."""
        folder, name = os.path.split(os.path.abspath(path))
        return name if folder == self._folder else ""


def _noted(notes: list[str]) -> dict[str, list[Any]]:
    found = {}
    for note in notes:
        with contextlib.suppress(ValueError, TypeError):  # a kill may cut a line
            name, *noted = json.loads(note)
            found[str(name)] = noted
    return found


def is_left_over(path: Path) -> bool:
    """Say whether a file was left by a run that did not end, and that is now repeated."""
    return any(run.left(path) for run in _running)


def note_result(path: Path, temporary: Path) -> None:
    """Note a result of the running commands just before it gets its name."""
    for run in _running:
        run.add(path, temporary)


def _identity(path: Path) -> list[int]:
    """Return what renaming a file leaves as it is: its size, and the time of its content."""
    state = path.stat()
    return [state.st_size, state.st_mtime_ns]
