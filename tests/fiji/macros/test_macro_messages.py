"""The macros say what is wrong with what they are given; their text is as ImageJ needs it."""

import re

import pytest
import tifffile
from fiji.macros.runner import MACROS, call
from fiji.macros.stacks import names, opened, planes, write_stack

ANALYSES = {
    "browse_samples": "speed=4",
    "difference_of_samples": "first=1 second=2",
    "measure_region": "",
    "montage": "input=none",
    "uncertainty_overlay": "opacity=80",
}


def write_wrong(tmp_path, kind):
    """Return the file of an image that is no package's result."""
    path = tmp_path / f"{kind}.tif"
    if kind == "camera":
        tifffile.imwrite(path, planes()[0].astype("uint16"), imagej=True)
    elif kind == "three channels":
        write_stack(path, planes()[:3])
    elif kind == "stains":
        write_stack(path, planes(), [f"stain {c}" for c in range(8)])
    elif kind == "depth":
        write_stack(path, planes(), names(), axes="ZYX")
    return path


@pytest.mark.parametrize("kind", ["camera", "three channels", "stains", "depth"])
@pytest.mark.parametrize("macro", ANALYSES)
def test_refuses_what_is_no_result(imagej, tmp_path, macro, kind):
    path = write_wrong(tmp_path, kind)
    log = imagej.run(opened(path), "run('Select All');", call(macro, ANALYSES[macro]))
    assert "not the result of a DivNoising package" in log
    assert f"Received: {path.name}" in log
    assert "Expected: one 32-bit image" in log
    assert "Macro Error" not in log


def test_says_what_the_planes_are_called(imagej, tmp_path):
    log = imagej.run(opened(write_wrong(tmp_path, "stains")), call("montage", "input=none"))
    assert 'the first plane is called "stain 0"' in log


@pytest.mark.parametrize("macro", [*ANALYSES, "run_on_open_image"])
def test_refuses_when_no_image_is_open(imagej, macro):
    log = imagej.run(call(macro, ANALYSES.get(macro, "model_path=x")))
    assert "No image is open." in log
    assert "Macro Error" not in log


@pytest.mark.parametrize("kind", ["unnamed", "numbered by Bio-Formats"])
def test_takes_results_that_lost_their_names(imagej, tmp_path, kind):
    numbers = [f"c:{c}/8 - result.tif" for c in range(1, 9)]
    path = write_stack(tmp_path / "result.tif", planes(), None if kind == "unnamed" else numbers)
    log = imagej.run(opened(path), call("browse_samples", "speed=4"), "print(nSlices);")
    assert log.splitlines()[0] == "6"


@pytest.mark.parametrize(
    ("macro", "argument", "message"),
    [
        ("browse_samples", "save=[/tmp/samples.mp4]", "ends in .avi or .tif"),
        ("difference_of_samples", "first=1 second=7", 'lacks its channel "sample 7"'),
        ("montage", "input=[absent.tif]", "The noisy input is not open."),
        ("montage", "input=[cut.tif]", "Received: 75 x 60 and 75 x 61 pixels."),
        ("measure_region", "", "Draw a region first"),
    ],
)
def test_refuses_what_it_cannot_do(imagej, tmp_path, macro, argument, message):
    tifffile.imwrite(tmp_path / "cut.tif", planes()[0, 1:], imagej=True)
    path = write_stack(tmp_path / "result.tif", planes(), names())
    log = imagej.run(opened(tmp_path / "cut.tif"), opened(path), call(macro, argument))
    assert message in log
    assert "Macro Error" not in log


def test_measures_areas_only(imagej, tmp_path):
    path = write_stack(tmp_path / "result.tif", planes(), names())
    log = imagej.run(opened(path), "makeLine(1, 1, 20, 20);", call("measure_region"))
    assert "Draw a region first" in log


def functions_of(macro):
    """Return the text of each function of a macro under its name, its comment with it."""
    text = macro.read_text(encoding="ascii")
    pattern = re.compile(r"^(?://[^\n]*\n)*function (\w+)\(.*?^}\n", re.MULTILINE | re.DOTALL)
    return {found.group(1): found.group(0) for found in pattern.finditer(text)}


def test_functions_of_one_name_are_the_same_in_all_macros():
    macros = sorted(MACROS.glob("*.ijm"))
    assert len(macros) == 7
    seen = {}
    for macro in macros:
        for name, text in functions_of(macro).items():
            if name != "drawLegend":
                assert seen.setdefault(name, text) == text, f"{name} differs in {macro.name}"
    assert {"option", "channelOf", "copyOf", "nameChannels"} <= set(seen)
