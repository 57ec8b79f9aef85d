"""The macros as a person runs them: windows on a virtual screen, every dialog answered by OK."""

import re

import numpy as np
import pytest
import tifffile
from fiji.macros.runner import call
from fiji.macros.stacks import names, opened, planes, write_stack


@pytest.fixture
def images(tmp_path):
    """Return the lines that open a noisy image and the result made of it."""
    noisy = planes()[0].round().astype(np.uint16)
    tifffile.imwrite(tmp_path / "cells.tif", noisy, imagej=True)
    result = write_stack(tmp_path / "result.tif", planes(), names())
    return opened(tmp_path / "cells.tif"), opened(result)


@pytest.mark.parametrize(
    ("macro", "dialog", "shown"),
    [
        ("browse_samples", "Browse the samples", "result.tif samples 3 6"),
        ("difference_of_samples", "Difference of two samples", "minus sample 2 3 1"),
        ("montage", "Montage", "Montage of result.tif 3 1"),
        ("uncertainty_overlay", "Uncertainty overlay", "Uncertainty of result.tif 3 1"),
        ("measure_region", None, "Region in every sample 3 1"),
    ],
)
def test_dialog_is_shown_and_taken_as_offered(imagej_on_screen, images, macro, dialog, shown):
    region = "makeRectangle(10, 20, 30, 25);" if macro == "measure_region" else ""
    log = imagej_on_screen.run(*images, region, call(macro), "print(getTitle(), nImages, nSlices);")
    assert [line for line in log.splitlines() if line.startswith(("dialog", "message"))] == (
        [f"dialog: {dialog}"] if dialog else []
    )
    assert shown in log


def test_montage_offers_the_open_image_of_the_same_size(imagej_on_screen, images):
    log = imagej_on_screen.run(
        *images, call("montage"), "blue = getPixel(4, 19) & 0xff; print('blue=' + blue);"
    )
    # the first pixel of the noisy input; without it, the first tile is white
    assert int(re.search(r"blue=(\d+)", log).group(1)) < 255


def test_messages_are_shown(imagej_on_screen, images):
    assert "message: Macro" in imagej_on_screen.run(*images, call("measure_region"))


def test_package_and_folders_are_asked_for(imagej_on_screen, images, tmp_path):
    package = tmp_path / "package"
    package.mkdir()
    (package / "rdf.yaml").write_text("type: model\n")
    log = imagej_on_screen.run(
        images[0], f'call("Screen.type", "{package}/");', call("run_on_open_image"),
        "print(getTitle());",
    )  # fmt: skip
    assert f"model_path=[{package}] display_output=all" in log
    assert "cells denoised" in log
    # the package is remembered, the folders and the ending are typed
    log = imagej_on_screen.run(
        f'call("Screen.type", "{package}/|{tmp_path}/|cells.tif|{tmp_path}/denoised/");',
        call("run_on_folder"),
    )
    assert f"input_path=[{tmp_path}/cells.tif]" in log
    assert tifffile.imread(tmp_path / "denoised" / " denoised.tif").shape == (5, 61, 75)
