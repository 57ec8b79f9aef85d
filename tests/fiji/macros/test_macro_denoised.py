"""Files that `divnoising denoise` writes: ImageJ reads their scale, and the macros take them."""

import numpy as np
import pytest
from fiji.macros.runner import call
from fiji.macros.stacks import opened, planes

from divnoising_tf.data import ImageMetadata, PixelSize
from divnoising_tf.data.result_writing import write_results

RANGE = {0: (100.0, 150.0)}
SIZES = {
    "X": PixelSize(65.0, "nanometer"),
    "Y": PixelSize(0.07, "micrometer"),
    "Z": PixelSize(0.2, "micrometer"),
    "T": PixelSize(2.0, "minute"),
}
PRINT_SCALE = (
    "getVoxelSize(width, height, depth, unit);",
    "getDimensions(x, y, channels, slices, frames);",
    "print(width, height, depth, unit, Stack.getFrameInterval(), channels, slices, frames);",
)
PRINT_RANGES = (
    "for (c = 1; c <= channels; c++) {",
    "    Stack.setChannel(c); getMinAndMax(low, high);",
    '    print(Property.getSliceLabel(c) + "," + low + "," + high);',
    "}",
)


@pytest.fixture
def results():
    """Mean, uncertainty and six samples, by their names."""
    mean, uncertainty, *samples = planes()
    named = {f"sample {number}": one for number, one in enumerate(samples, 1)}
    return {"mean": mean, "uncertainty": uncertainty, **named}


def test_imagej_reads_sizes_names_and_ranges(imagej, results, tmp_path):
    stack = {name: np.stack([[image] * 3] * 2) for name, image in results.items()}
    write_results(tmp_path / "a.tif", stack, "TZYX", ImageMetadata(SIZES, None, RANGE))
    log = imagej.run(opened(tmp_path / "a.tif"), *PRINT_SCALE, *PRINT_RANGES).splitlines()
    *sizes, unit, interval, channels, slices, frames = log[0].split()
    np.testing.assert_allclose([float(size) for size in sizes], [65, 70, 200], rtol=1e-6)
    assert unit == "nm"
    assert float(interval) == 120
    assert (channels, slices, frames) == ("8", "3", "2")
    shown = [line.rsplit(",", 2) for line in log[1:]]
    assert [name for name, *_ in shown] == list(results)
    for name, low, high in shown:
        known = name != "uncertainty"
        assert ((float(low), float(high)) == RANGE[0]) == known
        image = results[name]
        assert known or image.min() <= float(low) < float(high) <= image.max()


@pytest.mark.parametrize("name", [None, "DAPI"])
def test_the_macros_take_what_denoise_writes(imagej, results, tmp_path, name):
    metadata = ImageMetadata({}, None if name is None else (name,))
    write_results(tmp_path / "a.tif", results, "YX", metadata)
    for macro, options in (
        ("montage", "input=none"),
        ("browse_samples", "speed=4"),
        ("difference_of_samples", "first=1 second=3"),
        ("uncertainty_overlay", "opacity=80"),
    ):
        log = imagej.run(opened(tmp_path / "a.tif"), call(macro, options), "print(getTitle());")
        assert "not the result" not in log
        assert "Error" not in log
    log = imagej.run(
        opened(tmp_path / "a.tif"),
        "makeRectangle(10, 20, 30, 25);",
        call("measure_region"),
        'print(d2s(getResult("Mean of samples", 0), 4));',
    )
    samples = planes()[2:, 20:45, 10:40]
    assert float(log.splitlines()[-1]) == pytest.approx(samples.mean(), abs=1e-3)


def test_of_several_channels_the_macros_ask_for_one(imagej, results, tmp_path):
    both = {name: np.stack([image, image]) for name, image in results.items()}
    write_results(tmp_path / "a.tif", both, "CYX", ImageMetadata({}, ("DAPI", "GFP")))
    log = imagej.run(opened(tmp_path / "a.tif"), call("montage", "input=none"))
    assert 'lacks its channel "mean"' in log
