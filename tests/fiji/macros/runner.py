"""ImageJ itself, which Maven fetches, to run macros without a screen: one JVM for all of them."""

import os
import shutil
import subprocess
import threading
from pathlib import Path

PROJECT = Path(__file__).parent
MACROS = PROJECT.parents[2] / "model_zoo" / "fiji"

_TIME_LIMIT = 120  # seconds for one macro, on a busy machine


def missing_tools() -> list[str]:
    """Return those commands that ImageJ needs and that are not installed."""
    return [name for name in ("java", "mvn") if shutil.which(name) is None]


def call(name: str, argument: str = "") -> str:
    """Return the line of a macro that runs one of the project's macros.

    >>> call("montage", "input=none").endswith('montage.ijm", "input=none");')
    True
    """
    return f'runMacro("{(MACROS / name).as_posix()}.ijm", "{argument}");'


class ImageJ:
    """A running ImageJ; use it as a context."""

    def __init__(self, folder: str | os.PathLike) -> None:
        """Start ImageJ.

        Args:
            folder: that exists, for the macros and for what they print.
        """
        _compile()
        self._folder = Path(folder)
        self._count = 0
        libraries = [PROJECT / "build" / "classes", PROJECT / "build" / "libraries" / "*"]
        command = [
            "java",
            "-Xmx1g",
            "-XX:+UseSerialGC",
            "-Djava.awt.headless=true",
            # Fiji's patch of ImageJ defines classes
            "--add-opens=java.base/java.lang=ALL-UNNAMED",
            "-classpath",
            os.pathsep.join(map(str, libraries)),
            "RunMacros",
        ]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> "ImageJ":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._process.stdout.close()

    def run(self, *lines: str) -> str:
        """Run a macro, with no image open and an empty Results table, in batch mode.

        Args:
            lines: of the macro.

        Returns:
            What it printed and what messages it showed.

        Raises:
            RuntimeError: ImageJ ended, or the macro took too long.
        """
        self._count += 1
        path = self._folder / f"{self._count}.ijm"
        path.write_text("\n".join(["setBatchMode(true);", *lines]), encoding="ascii")
        watch = threading.Timer(_TIME_LIMIT, self._process.kill)
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


def _compile() -> None:
    """Compile the Java sources, unless that was done after they were changed."""
    sources = [PROJECT / "pom.xml", *PROJECT.glob("src/main/java/*.java")]
    compiled = PROJECT / "build" / "classes" / "RunMacros.class"
    if compiled.exists() and compiled.stat().st_mtime > max(one.stat().st_mtime for one in sources):
        return
    command = ["mvn", "--quiet", "--batch-mode", "clean", "process-classes"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=600)
    if done.returncode != 0:
        raise RuntimeError(f"Maven failed:\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
