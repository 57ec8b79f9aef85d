"""Runs Python in a process of its own that stops at a known place, to be killed or let go."""

import subprocess
import sys
import time

_WAIT = """
import pathlib, time
import divnoising_tf_command  # so that TensorFlow comes only when it is used
def wait_here():
    pathlib.Path({folder!r}, "reached").touch()
    while not pathlib.Path({folder!r}, "go").exists():
        time.sleep(0.01)
"""


class OtherProcess:
    """A program in another process, which has a function `wait_here`.

    Args:
        folder: for the files by which the processes speak to each other.
        program: Python.
        *arguments: of the program.
        wait: whether to return only when the program has come to `wait_here`.
    """

    def __init__(self, folder, program, *arguments, wait=True):
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        begin = _WAIT.format(folder=str(folder))
        command = [sys.executable, "-c", begin + program, *map(str, arguments)]
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.number = self._process.pid
        if wait:
            self._until_reached()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    def kill(self):
        """End it as a crash does: nothing of it runs any more."""
        self._process.kill()
        self._process.communicate()

    def let_go(self):
        """Let it go on to its end; return its exit code and what it said to the user."""
        (self._folder / "go").touch()
        _, said = self._process.communicate(timeout=300)
        return self._process.returncode, said

    def _until_reached(self):
        began = time.monotonic()
        while not (self._folder / "reached").exists():
            if self._process.poll() is not None or time.monotonic() - began > 120:
                self._process.kill()
                raise AssertionError(self._process.communicate()[1])
            time.sleep(0.01)
