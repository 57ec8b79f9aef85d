"""How to run the programs that have an ONNX Runtime; each ends the test where it is missing."""

import sys
from pathlib import Path

import maven
from consumer_tools import installed, tool

FOLDER = Path(__file__).parent / "consumers"
# the oldest that reads opset 17 is the one that JDLL chooses for it
JAVA_VERSIONS = ("1.12.1", "1.13.1")
NO_NETWORK = ("ENOTFOUND", "ECONNREFUSED", "ETIMEDOUT", "EAI_AGAIN", "ENOTCACHED")


def python_program():
    """Return the command for the ONNX Runtime of this environment, without TensorFlow."""
    return sys.executable, FOLDER / "onnx_python" / "run_model.py"


def java_program(version):
    """Return the command for a version of ONNX Runtime for Java, built if need be."""
    java, _ = maven.tools()
    path = maven.built(
        FOLDER / "onnx_java",
        target=f"target/{version}",
        phase="compile",
        onnxruntime_version=version,
    )
    return java, "-cp", path, "divnoising.onnx.RunModel"


def web_program():
    """Return the command for ONNX Runtime Web; what package-lock.json names is installed."""
    project = FOLDER / "onnx_web"
    advice = "install Node 20 or newer, with npm"
    node, npm = tool("node", advice), tool("npm", advice)
    there = project / "node_modules" / ".package-lock.json"
    wanted = project / "package-lock.json"
    if not there.is_file() or there.stat().st_mtime < wanted.stat().st_mtime:
        quiet = ("--ignore-scripts", "--no-audit", "--no-fund")
        installed(npm, "ci", *quiet, cwd=project, signs=NO_NETWORK)
    return node, project / "run_model.mjs"
