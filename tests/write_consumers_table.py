"""Run the consumers' tests and write what they found into docs/consumers.md.

    python tests/write_consumers_table.py             # without the slow tests
    python tests/write_consumers_table.py --slow      # all, some minutes more
    python tests/write_consumers_table.py --report report.xml [...]    # of tests that were run

Reports are those of `pytest --junitxml`. Skipped and failed tests are counted in the table.
"""

import argparse
import datetime
import os
import platform
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "docs" / "consumers.md"
BEGIN, END = "<!-- table: begin -->", "<!-- table: end -->"
HOUR = 3600


@dataclass(frozen=True)
class Consumer:
    """A program that runs packages: a row of the table.

    Attributes:
        name: for people.
        tests: of its tests, the beginning of "file::test" with dots.
        part: of the names of those tests, where one file tests several versions.
    """

    name: str
    tests: str
    part: str = ""

    def is_tested_by(self, case):
        name = f"{case.get('classname')}.{case.get('name')}"
        return name.startswith(f"tests.{self.tests}") and self.part in name


CONSUMERS = (
    Consumer("TensorFlow for Java 0.5.0", "fiji.test_engines", "TF-Java 0.5.0"),
    Consumer("TensorFlow for Java 0.4.1", "fiji.test_engines", "TF-Java 0.4.1"),
    Consumer("ImageJ, with TensorFlow for Java 0.5.0", "fiji.test_imagej"),
    Consumer("ImageJ, the macros", "fiji.macros"),
    Consumer("ONNX Runtime for Java 1.12.1", "consumers.test_onnx_java", "1.12.1"),
    Consumer("ONNX Runtime for Java 1.13.1", "consumers.test_onnx_java", "1.13.1"),
    Consumer("ONNX Runtime for Python", "consumers.test_onnx_python"),
    Consumer("ONNX Runtime Web, in Node", "consumers.test_onnx_web"),
    Consumer("bioimageio.core, `bioimageio test`", "zoo.test_package.test_passes_bioimageio"),
    Consumer("bioimageio.core, `bioimageio predict`, a folder", "zoo.test_predict"),
    Consumer("bioimageio.core, packages of `model_zoo/`", "model_zoo.test_packages", "bioimageio"),
)
FILES = (
    "tests/fiji",
    "tests/consumers",
    "tests/model_zoo",
    "tests/zoo/test_package.py",
    "tests/zoo/test_predict.py",
)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--slow", action="store_true", help="run the slow tests too")
    parser.add_argument("--report", type=Path, nargs="+", help="read these instead of running")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        reports = arguments.report or [run_tests(Path(folder) / "report.xml", arguments.slow)]
        cases = [case for one in reports for case in ElementTree.parse(one).iter("testcase")]
    text = DOCUMENT.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    table = "\n".join([BEGIN, machine(), "", *rows(cases), END])
    DOCUMENT.write_text(before + table + after, encoding="utf-8")


def run_tests(report, slow):
    """Run the tests in a process of their own, whatever comes of them; return the report."""
    chosen = [] if slow else ["-m", "not slow"]
    command = [sys.executable, "-m", "pytest", *FILES, *chosen, f"--junitxml={report}"]
    command += ["-o", "junit_family=xunit1"]  # the kind that holds properties
    subprocess.run(command, cwd=ROOT, timeout=2 * HOUR, check=False)
    return report


def machine():
    """Return a line about the machine and the day."""
    processor = platform.processor() or platform.machine()
    information = Path("/proc/cpuinfo")
    if information.exists():
        lines = information.read_text().splitlines()
        names = [line.split(": ")[1] for line in lines if line.startswith("model name")]
        processor = names[0] if names else processor
    day = datetime.datetime.now(datetime.timezone.utc).date()
    return f"{processor}, {os.cpu_count()} cores, {platform.system()}; written {day}."


def rows(cases):
    """Return the lines of the table."""
    titles = "| consumer | version it said | tests | largest difference | s in it | s of tests |"
    lines = [titles, "| --- | --- | --- | --- | --- | --- |"]
    for consumer in CONSUMERS:
        own = [case for case in cases if consumer.is_tested_by(case)]
        differences, seconds = (
            [float(value) for value in recorded(own, name)]
            for name in ("largest difference", "seconds")
        )
        cells = [
            consumer.name,
            ", ".join(sorted(set(recorded(own, "version")))) or "–",
            outcomes(own),
            f"{np.max(differences):.1e}" if differences else "–",
            f"{sum(seconds):.1f}" if seconds else "–",
            f"{sum(float(case.get('time')) for case in own):.0f}" if own else "–",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def recorded(cases, name):
    """Return the values that tests recorded under a name."""
    properties = (one for case in cases for one in case.iter("property"))
    return [one.get("value") for one in properties if one.get("name") == name]


def outcomes(cases):
    """Return how many tests passed, and how many did not.

    >>> case = ElementTree.fromstring("<testcase><skipped/></testcase>")
    >>> outcomes([case, ElementTree.fromstring("<testcase/>")])
    '1 passed, 1 skipped'
    """
    counts = dict.fromkeys(("passed", "failed", "skipped"), 0)
    for case in cases:
        tags = {child.tag for child in case}
        failed = tags & {"failure", "error"}
        counts["failed" if failed else "skipped" if "skipped" in tags else "passed"] += 1
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "not run"


if __name__ == "__main__":
    main()
