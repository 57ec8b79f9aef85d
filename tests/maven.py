"""Java programs that tests run: built with Maven once, run in one process at a time."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

OLDEST_JAVA = 11
_NO_NETWORK = ("Could not transfer", "offline mode", "Unknown host", "UnknownHost")
_SECONDS = 900


def missing(reason):
    """Skip the test, or fail it where the consumers must run, as in CI."""
    if os.environ.get("DIVNOISING_REQUIRE_CONSUMERS") == "1":
        pytest.fail(f"{reason}; with DIVNOISING_REQUIRE_CONSUMERS=1 this must run")
    pytest.skip(reason)


def tools():
    """Return the commands java and mvn, or end the test here."""
    commands = [shutil.which(name) for name in ("java", "mvn")]
    if None in commands:
        missing(f"no Java {OLDEST_JAVA} or newer with Maven: install a JDK and the command mvn")
    version = re.search(r'version "(?:1\.)?(\d+)', _finished(commands[0], "-version").stderr)
    if version is None or int(version[1]) < OLDEST_JAVA:
        missing(f"Java is older than {OLDEST_JAVA}")
    return commands


def built(project, module, target="target", **properties):
    """Return the class path of a module, built if a source is newer.

    Libraries stay in Maven's own cache: only the first build needs the network.

    Args:
        project: folder of the parent pom.xml.
        module: folder of the module in it.
        target: the folder in the module that the build writes to.
        **properties: of the pom.xml, with "_" for ".".
    """
    _, maven = tools()
    written = Path(project, module, target)
    libraries = written / "classpath.txt"
    if not _is_current(libraries, Path(project)):
        settings = [f"-D{name.replace('_', '.')}={value}" for name, value in properties.items()]
        done = _finished(maven, "-q", "-B", "package", "-pl", module, "-am", *settings, cwd=project)
        if done.returncode and any(sign in done.stdout for sign in _NO_NETWORK):
            missing(f"the libraries of {module} are not here and Maven cannot download them")
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
        # Maven leaves a file as old as it was if its content is the same
        libraries.touch()
    return os.pathsep.join([str(written / "classes"), libraries.read_text()])


def run(class_path, program, *arguments):
    """Run a Java program without a screen and return what it printed, one JSON value a line."""
    java, _ = tools()
    done = _finished(java, "-Djava.awt.headless=true", "-cp", class_path, program, *arguments)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def _is_current(libraries, project):
    if not libraries.is_file():
        return False
    sources = [
        file
        for pattern in ("pom.xml", "*/pom.xml", "*/src/**/*.java")
        for file in project.glob(pattern)
    ]
    needed = map(Path, libraries.read_text().split(os.pathsep))
    time = libraries.stat().st_mtime
    return all(file.stat().st_mtime <= time for file in sources) and all(
        library.exists() for library in needed
    )


def _finished(*command, cwd=None):
    return subprocess.run(
        [str(part) for part in command], cwd=cwd, capture_output=True, text=True, timeout=_SECONDS
    )
