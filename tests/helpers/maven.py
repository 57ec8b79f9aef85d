"""Java programs that tests run: built with Maven once, run in one process at a time."""

import json
import os
import re
from pathlib import Path

from helpers.consumer_tools import finished, installed, missing, tool

OLDEST_JAVA = 11
_NO_NETWORK = ("Could not transfer", "offline mode", "Unknown host", "UnknownHost")


def tools():
    """Return the commands java and mvn, or end the test here."""
    advice = f"install a JDK, {OLDEST_JAVA} or newer, and Maven"
    java, maven = (tool(name, advice) for name in ("java", "mvn"))
    version = re.search(r'version "(?:1\.)?(\d+)', finished(java, "-version").stderr)
    if version is None or int(version[1]) < OLDEST_JAVA:
        missing(f"Java is older than {OLDEST_JAVA}")
    return java, maven


def built(project, module=".", target="target", phase="package", **properties):
    """Return the class path of a module, built if a source is newer.

    Libraries stay in Maven's own cache: only the first build needs the network.

    Args:
        project: folder of the parent pom.xml.
        module: folder of the module in it.
        target: the folder in the module that the build writes to.
        phase: of Maven, the one that writes classpath.txt.
        **properties: of the pom.xml, with "_" for ".".
    """
    _, maven = tools()
    written = Path(project, module, target)
    libraries = written / "classpath.txt"
    if not _is_current(libraries, Path(project)):
        settings = [f"-D{name.replace('_', '.')}={value}" for name, value in properties.items()]
        build = (maven, "-q", "-B", phase, "-pl", module, "-am", *settings)
        installed(*build, cwd=project, signs=_NO_NETWORK)
        # Maven leaves a file as old as it was if its content is the same
        libraries.touch()
    return os.pathsep.join([str(written / "classes"), libraries.read_text()])


def run(class_path, program, *arguments):
    """Run a Java program without a screen and return what it printed, one JSON value a line."""
    java, _ = tools()
    done = finished(java, "-Djava.awt.headless=true", "-cp", class_path, program, *arguments)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def _is_current(libraries, project):
    if not libraries.is_file():
        return False
    patterns = ("pom.xml", "*/pom.xml", "src/**/*.java", "*/src/**/*.java")
    sources = [file for pattern in patterns for file in project.glob(pattern)]
    needed = map(Path, libraries.read_text().split(os.pathsep))
    time = libraries.stat().st_mtime
    return all(file.stat().st_mtime <= time for file in sources) and all(
        library.exists() for library in needed
    )
