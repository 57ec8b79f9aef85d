"""ONNX Runtime in Java, as Fiji has it for opset 17, draws the samples of the reference."""

import os
from pathlib import Path

import pytest
from consumer_tools import installed, tool

PROJECT = Path(__file__).with_name("onnx_java")
# the oldest that reads opset 17 is the one that JDLL chooses for it
VERSIONS = ("1.12.1", "1.13.1")
NO_NETWORK = ("Could not transfer", "offline mode", "Unknown host", "UnknownHost")


@pytest.fixture(scope="module", params=VERSIONS)
def version(request):
    return request.param


@pytest.fixture(scope="module")
def command(version):
    """Return how to run the program with a version of ONNX Runtime, built if it is not there."""
    advice = "install a JDK, 11 or newer, and Maven"
    java, maven = tool("java", advice), tool("mvn", advice)
    built = PROJECT / "target" / version
    library = built / "classpath.txt"
    if not _is_current(library):
        wanted = f"-Donnxruntime.version={version}"
        installed(maven, "-q", "-B", "compile", wanted, cwd=PROJECT, signs=NO_NETWORK)
        # Maven leaves a file as old as it was if its content is the same
        library.touch()
    path = os.pathsep.join([str(built / "classes"), library.read_text()])
    return java, "-cp", path, "divnoising.onnx.RunModel"


def _is_current(library):
    """Tell whether the file that names the library is newer than the sources."""
    if not library.is_file() or not Path(library.read_text()).is_file():
        return False
    sources = [PROJECT / "pom.xml", *(PROJECT / "src").rglob("*.java")]
    return all(file.stat().st_mtime <= library.stat().st_mtime for file in sources)


def test_draws_the_samples_of_the_reference(command, version, check_consumer):
    shapes = [(1, 1, 1, 1), (1, 33, 47, 1), (2, 33, 47, 1), (1, 512, 512, 1)]
    said = check_consumer(command, *shapes)
    assert {one["library"] for one in said} == {f"onnxruntime-{version}.jar"}


@pytest.mark.slow
def test_draws_the_samples_of_a_large_image(command, check_consumer):
    check_consumer(command, (1, 1500, 2000, 1))
