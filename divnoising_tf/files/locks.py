"""One process at a time: locks that end with the process that holds them."""

import contextlib
import errno
import json
import os
import platform
import shlex
import sys
import textwrap
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from divnoising_tf.errors import InputError

# Windows keeps others from reading locked bytes: one far behind the content is locked
_LOCKED_BYTE = 1 << 30
_HELD = (errno.EACCES, errno.EAGAIN, errno.EDEADLK, getattr(errno, "EDEADLOCK", errno.EDEADLK))
_LONGEST_COMMAND = 200


class Holder(NamedTuple):
    """Who holds a lock, or held it last.

    Attributes:
        process: its number.
        began: when that process began, as the system counts; "" where it does not say.
        host: name of the computer.
        since: when the lock was taken, local time.
        command: that the process was started with.
        ended: whether the process gave the lock back, and left notes alone.
    """

    process: int
    began: str
    host: str
    since: str
    command: str
    ended: bool = False

    @classmethod
    def here(cls) -> "Holder":
        """Return this process."""
        words = [os.path.basename(sys.argv[0] or "python"), *sys.argv[1:]]
        command = textwrap.shorten(shlex.join(words), _LONGEST_COMMAND, placeholder=" …")
        since = time.strftime("%Y-%m-%d %H:%M:%S")
        number = os.getpid()
        return cls(number, _beginning(number), platform.node(), since, command)

    @property
    def elsewhere(self) -> bool:
        """Whether it is on another computer, where nobody here can see if it lives."""
        return not self.ended and self.host != platform.node()

    @property
    def alive(self) -> bool:
        """Whether it is a running process of this computer, and not one of a number used again."""
        if self.ended:
            return False
        if os.name == "nt":  # there this question would end the process
            return True
        try:
            os.kill(self.process, 0)
        except ProcessLookupError:
            return False
        except OSError:
            pass  # of another user
        now = _beginning(self.process)
        return not (self.began and now) or now == self.began

    def __str__(self) -> str:
        """Return a description for the user."""
        return f"process {self.process} on {self.host} since {self.since} ({self.command})"


class Lock:
    """A file that one process holds, with who it is in the first line, and notes behind it.

    The system's own lock counts, which is gone when the process is, however it ended. Where the
    file system has none, number and beginning of the process do. A lock from another computer is
    never taken over: whether its process lives cannot be seen from here.

    Args:
        path: the file; folders are made, and removed again if they stay empty.

    Attributes:
        notes: lines that an earlier holder left, once the lock is taken.
    """

    def __init__(self, path: Path):
        self.path = path
        self.notes: list[str] = []
        self._file: Any = None
        self._holder: Holder | None = None
        self._made: list[Path] = []

    def take(self) -> None:
        """Take the lock.

        Raises:
            InputError: another process holds it; the message says which.
            OSError: the file cannot be written.
        """
        try:
            locked = self._open()
            holder, self.notes = _content(self._file)
            self._refuse(locked, holder)
            self._holder = Holder.here()
            self._write()
        except (OSError, InputError):
            self._close()
            raise

    def add_note(self, note: str) -> None:
        """Write one line for a later holder, in case that this one does not end."""
        self._file.seek(0, os.SEEK_END)
        _write_all(self._file, [note])
        self.notes.append(note)

    def release(self, keep_notes: bool = False) -> None:
        """Give the lock back.

        Args:
            keep_notes: whether the file stays, for its notes.
        """
        with contextlib.suppress(OSError):
            if keep_notes and self._holder is not None:
                self._holder = self._holder._replace(ended=True)
                self._write()
            else:
                self._file.truncate(0)
                # it may have gone with its folder, and be that of another now
                if _is_same(self._file, self.path):
                    self._remove()
        self._close()

    def _open(self) -> bool | None:
        """Open the file and lock it, see `_system_lock`."""
        folder = self.path.parent
        self._made = [one for one in (folder, *folder.parents) if not one.exists()]
        # not "a+": that would write behind the end, wherever it is told to
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)
        while True:
            folder.mkdir(parents=True, exist_ok=True)
            try:
                descriptor = os.open(self.path, flags, 0o666)
            except FileNotFoundError:
                if folder.exists():
                    raise
                continue  # another process has just removed the empty folder
            self._file = os.fdopen(descriptor, "r+b", buffering=0)
            locked = _system_lock(self._file)
            # its holder may have removed it before it was locked: then it is a lock of nothing
            if _is_same(self._file, self.path):
                return locked
            self._file.close()

    def _write(self) -> None:
        """Write who holds the lock, and the notes, in place of what is there."""
        assert self._holder is not None
        self._file.seek(0)
        _write_all(self._file, [json.dumps(self._holder._asdict()), *self.notes])
        # what is longer is cut last: a kill in between leaves who it is
        self._file.truncate()

    def _refuse(self, locked: bool | None, holder: Holder | None) -> None:
        if locked is False or (locked is None and holder is not None and holder.alive):
            raise InputError(
                "Another process is writing this result.",
                f"{self.path}: {holder or 'a process that has only begun'}",
                "Wait until it is done, or stop it; or choose another --output.",
            )
        if holder is not None and holder.elsewhere:
            raise InputError(
                "A run on another computer is writing this result, or was stopped before its end.",
                f"{self.path}: {holder}",
                "Wait until it is done. If you are sure that it is over, delete this file and "
                "start again.",
            )

    def _remove(self) -> None:
        try:
            self.path.unlink()
        except PermissionError:  # Windows removes no file that is open
            self._file.close()
            self.path.unlink()

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
        for folder in self._made:
            with contextlib.suppress(OSError):
                folder.rmdir()
        self._made = []


def is_held(path: Path) -> bool | None:
    """Say whether a living process holds a lock; None if it cannot be told from here.

    Args:
        path: the file.
    """
    try:
        with open(path, "r+b", buffering=0) as file:
            holder, _ = _content(file)
            # whoever has locked it before it says who it is must find it free
            locked = None if holder is None else _system_lock(file)
    except OSError:
        return None
    if holder is None or (holder.elsewhere and locked is not False):
        return None
    return holder.alive if locked is None else not locked


def cannot_write(folder: Path, error: OSError) -> InputError:
    """Return the error of a folder that cannot be written to."""
    return InputError(
        "The output folder cannot be written to.",
        f"{folder} ({error.strerror or error})",
        "Choose a folder that you may write to, on a disk with space left.",
    )


def _write_all(file: Any, lines: Sequence[str]) -> None:
    content = "".join(f"{line}\n" for line in lines).encode()
    if file.write(content) < len(content):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _content(file: Any) -> tuple[Holder | None, list[str]]:
    """Return who stands in the file, and the whole lines behind."""
    file.seek(0)
    first, *others = file.read().decode("utf-8", errors="replace").split("\n")
    try:
        holder = Holder(**json.loads(first))
    except (ValueError, TypeError):  # a new file, or the process ended before it had written
        return None, []
    return holder, others[:-1]


def _system_lock(file: Any) -> bool | None:
    """Lock a file until it is closed: False if another has locked it, None without locks here."""
    try:
        try:
            import fcntl
        except ImportError:
            import msvcrt

            file.seek(_LOCKED_BYTE)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return False if error.errno in _HELD else None
    return True


def _is_same(file: Any, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), os.stat(path))
    except FileNotFoundError:
        return False


def _beginning(process: int) -> str:
    """Return when a process began, the same for all its life; "" where Linux is not asked."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        # behind the name, which may hold anything
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return f"{boot}:{fields[19]}"
