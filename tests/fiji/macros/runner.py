"""ImageJ itself, which Maven fetches, to run macros: one JVM for all of them."""

import os
import signal
import subprocess
import threading
from pathlib import Path

from helpers import maven
from helpers.consumer_tools import tool

PROJECT = Path(__file__).parent
MACROS = PROJECT.parents[2] / "model_zoo" / "fiji"

_TIME_LIMIT = 300  # seconds for one macro; the first of them starts ImageJ


def call(name: str, argument: str = "") -> str:
    """Return the line of a macro that runs one of the project's macros.

    >>> call("montage", "input=none").endswith('montage.ijm", "input=none");')
    True
    """
    return f'runMacro("{(MACROS / name).as_posix()}.ijm", "{argument}");'


class ImageJ:
    """A running ImageJ; use it as a context."""

    def __init__(self, folder: str | os.PathLike, screen: bool = False) -> None:
        """Start ImageJ.

        Args:
            folder: that exists, for the macros and for what they print.
            screen: whether to run as for a person, with windows and dialogs, on a virtual screen
                of Xvfb; without, macros run in batch mode.
        """
        self._screen = screen
        class_path = maven.built(PROJECT, target="build", phase="compile")
        self._folder = Path(folder)
        self._count = 0
        java, _ = maven.tools()
        command = [
            *(_virtual_screen() if screen else []),
            java,
            "-Xmx1g",
            "-XX:+UseSerialGC",
            f"-Djava.awt.headless={'false' if screen else 'true'}",
            # Fiji's patch of ImageJ defines classes
            "--add-opens=java.base/java.lang=ALL-UNNAMED",
            "-classpath",
            class_path,
            "RunMacros",
        ]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def __enter__(self) -> "ImageJ":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._kill()
        self._process.stdout.close()

    def run(self, *lines: str) -> str:
        """Run a macro, with no image open and an empty Results table.

        Args:
            lines: of the macro.

        Returns:
            What it printed and what messages it showed.

        Raises:
            RuntimeError: ImageJ ended, or the macro took too long.
        """
        self._count += 1
        path = self._folder / f"{self._count}.ijm"
        if not self._screen:
            lines = ("setBatchMode(true);", *lines)
        path.write_text("\n".join(lines), encoding="ascii")
        watch = threading.Timer(_TIME_LIMIT, self._kill)
        watch.start()
        try:
            self._process.stdin.write(f"{path}\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
        finally:
            watch.cancel()
        if answer != "done\n":
            raise RuntimeError(f"ImageJ ended while it ran {path}.")
        return path.with_suffix(".log").read_text(encoding="utf-8")

    def _kill(self) -> None:
        """End ImageJ and its virtual screen, which are one process group."""
        os.killpg(self._process.pid, signal.SIGKILL)


def _virtual_screen() -> list[str]:
    """Return the words that run a command on a virtual screen, or end the test here."""
    advice = "install Xvfb and xauth to test the dialogs of macros"
    tool("xauth", advice)
    run = tool("xvfb-run", advice)
    return [run, "--auto-servernum", "--server-args=-screen 0 1280x1024x24"]
