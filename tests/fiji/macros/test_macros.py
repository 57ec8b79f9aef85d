"""The macros that measure: their numbers are NumPy's."""

import struct

import numpy as np
import pytest
import tifffile
from fiji.macros.runner import call
from fiji.macros.stacks import names, opened, planes, saved, write_stack
from scipy import stats

REGION = "makeRectangle(10, 20, 30, 25);"
INSIDE = np.s_[..., 20:45, 10:40]


@pytest.fixture
def result(tmp_path):
    return write_stack(tmp_path / "cells result.tif", planes(), names())


def display_range(log):
    return [float(number) for number in log.splitlines()[0].split()]


PRINT_RANGE = "getMinAndMax(low, high); print(d2s(low, 6), d2s(high, 6));"


def test_imagej_is_that_of_the_description(imagej, record_property):
    version = imagej.run("print(getVersion());").strip()
    record_property("version", version)
    assert version.endswith("1.54p")


def test_browse_shows_the_samples_in_one_range(imagej, result, tmp_path):
    log = imagej.run(
        opened(result), call("browse_samples", "speed=4"), PRINT_RANGE, saved(tmp_path / "browsed")
    )
    with tifffile.TiffFile(tmp_path / "browsed.tif") as file:
        np.testing.assert_array_equal(file.asarray(), planes()[2:])
        assert file.imagej_metadata["Labels"] == names()[2:]
    first = planes()[2]
    expected = np.quantile(first, [0.001, 0.999], method="inverted_cdf")
    np.testing.assert_allclose(display_range(log), expected, atol=2e-4 * np.ptp(first))


def test_browse_saves_a_movie_of_every_sample(imagej, result, tmp_path):
    movie = tmp_path / "my samples.avi"
    imagej.run(opened(result), call("browse_samples", f"speed=4 save=[{movie}]"))
    header = movie.read_bytes()[:72]
    assert header[:4] == b"RIFF"
    microseconds, frames, width, height = (
        struct.unpack_from("<I", header, at)[0] for at in (32, 48, 64, 68)
    )
    assert (microseconds, frames, width, height) == (250_000, 6, 75, 61)


def test_browse_saves_a_stack_of_the_selected_part(imagej, result, tmp_path):
    stack = tmp_path / "samples.tif"
    imagej.run(opened(result), REGION, call("browse_samples", f"speed=4 save=[{stack}]"))
    np.testing.assert_array_equal(tifffile.imread(stack), planes()[2:][INSIDE])


def test_difference_is_signed_and_its_range_symmetric(imagej, result, tmp_path):
    log = imagej.run(
        opened(result),
        call("difference_of_samples", "first=1 second=3"),
        PRINT_RANGE,
        "print(getTitle());",
        saved(tmp_path / "difference"),
        'Overlay.remove; run("RGB Color");',
        saved(tmp_path / "colours"),
    )
    difference = planes()[2] - planes()[4]
    np.testing.assert_array_equal(tifffile.imread(tmp_path / "difference.tif"), difference)
    largest = np.abs(difference).max()
    np.testing.assert_allclose(display_range(log), [-largest, largest], rtol=1e-5)
    assert "sample 1 minus sample 3" in log
    colours = tifffile.imread(tmp_path / "colours.tif").astype(int)
    red, green, blue = np.moveaxis(colours, -1, 0)
    assert np.all(red[difference > 0.01 * largest] == 255)
    assert np.all(blue[difference < -0.01 * largest] == 255)
    paleness = 255 * (1 - np.abs(difference) / largest)
    np.testing.assert_allclose(green, paleness, atol=2)


def measured(imagej, stack, *regions):
    """Return the rows of the Results table after regions were measured."""
    samples = len(tifffile.imread(stack)) - 2
    numbers = ["Mean of samples", "Standard deviation", "95% low", "95% high"]
    numbers += [f"Sample {k + 1}" for k in range(samples)]
    lines = [opened(stack)]
    for region in regions:
        lines += [f'selectWindow("{stack.name}");', region, call("measure_region")]
    for row in range(len(regions)):
        lines += [f"print(getResultLabel({row}));", f'print(getResultString("Interval", {row}));']
        lines += [f'print(d2s(getResult("{name}", {row}), 6));' for name in numbers]
    printed = iter(imagej.run(*lines).splitlines())
    return [
        {"label": next(printed), "interval": next(printed)}
        | {name: float(next(printed)) for name in numbers}
        for _ in regions
    ]


def test_region_is_measured_in_every_sample(imagej, result):
    (row,) = measured(imagej, result, REGION)
    means = planes()[2:][INSIDE].mean(axis=(1, 2), dtype=float)
    each = [row[f"Sample {k + 1}"] for k in range(6)]
    np.testing.assert_allclose(each, means, atol=1e-4)
    assert row["Mean of samples"] == pytest.approx(means.mean(), abs=1e-4)
    assert row["Standard deviation"] == pytest.approx(means.std(ddof=1), abs=1e-4)
    assert row["label"] == "cells result.tif: 30 x 25 at x=10 y=20"


@pytest.mark.parametrize("samples", [2, 6, 39])
def test_interval_of_few_samples_is_for_one_further_sample(imagej, tmp_path, samples):
    stack = write_stack(tmp_path / "few.tif", planes(samples), names(samples))
    (row,) = measured(imagej, stack, REGION)
    means = planes(samples)[2:][INSIDE].mean(axis=(1, 2), dtype=float)
    scale = means.std(ddof=1) * np.sqrt(1 + 1 / samples)
    expected = stats.t.interval(0.95, samples - 1, means.mean(), scale)
    np.testing.assert_allclose([row["95% low"], row["95% high"]], expected, atol=2e-4)
    assert row["interval"] == f"Student's t of {samples} samples"


def test_interval_of_many_samples_is_of_their_percentiles(imagej, tmp_path):
    stack = write_stack(tmp_path / "many.tif", planes(60), names(60))
    (row,) = measured(imagej, stack, REGION)
    means = planes(60)[2:][INSIDE].mean(axis=(1, 2), dtype=float)
    expected = np.percentile(means, [2.5, 97.5])
    np.testing.assert_allclose([row["95% low"], row["95% high"]], expected, atol=1e-4)
    assert row["interval"] == "percentiles of 60 samples"


def test_every_region_adds_a_row_and_a_plot(imagej, result, tmp_path):
    nucleus = 'makeOval(40, 10, 20, 30); Roi.setName("nucleus 7");'
    rows = measured(imagej, result, REGION, nucleus)
    assert [row["label"].split(": ")[1] for row in rows] == ["30 x 25 at x=10 y=20", "nucleus 7"]
    y, x = np.mgrid[:61, :75]
    oval = ((x + 0.5 - 50) / 10) ** 2 + ((y + 0.5 - 25) / 15) ** 2 < 1
    # ImageJ's oval differs from this one in a few pixels of its border
    assert rows[1]["Mean of samples"] == pytest.approx(planes()[2:, oval].mean(), abs=0.2)
    log = imagej.run(
        opened(result), "Stack.setChannel(2);", REGION, call("measure_region"),
        "print(getTitle());", saved(tmp_path / "plot"),
        'selectWindow("cells result.tif"); Stack.getPosition(c, z, t); print(c, selectionType());',
    )  # fmt: skip
    assert log.splitlines()[:2] == ["Region in every sample", "2 0"]
    assert (tmp_path / "plot.png").stat().st_size > 1000
