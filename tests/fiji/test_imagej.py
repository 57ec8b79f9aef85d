"""ImageJ opens an image, runs the package, and saves mean, uncertainty and samples, labelled."""

import numpy as np
import pytest
import tifffile

LABELS = ["mean", "uncertainty", "sample 1", "sample 2", "sample 3"]
HEIGHT, WIDTH = 61, 83
FRAMES = 2
PIXELS_PER_MICROMETRE = 12.5


@pytest.fixture(scope="module")
def images(noisy):
    """Images by name, in the three types that ImageJ has; unsigned ones use their whole range."""
    image = noisy(HEIGHT, WIDTH)
    frames = np.stack([noisy(HEIGHT, WIDTH, seed) for seed in range(FRAMES)])
    return {
        "8 bit": image.round().clip(0, 255).astype(np.uint8),
        "16 bit": (image * 300).round().clip(0, 65535).astype(np.uint16),
        "32 bit": image - 100,
        "movie": frames.round().clip(0).astype(np.uint16),
    }


@pytest.fixture(scope="module")
def results(program, images, package, tmp_path_factory):
    """What ImageJ printed, and the file that it saved, of each image."""
    folder = tmp_path_factory.mktemp("imagej")
    files = []
    for name, image in images.items():
        files += [folder / f"{name}.tif", folder / f"posterior of {name}.tif"]
        axes = "TYX" if image.ndim == 3 else "YX"
        tifffile.imwrite(
            files[-2],
            image,
            imagej=True,
            resolution=(PIXELS_PER_MICROMETRE, PIXELS_PER_MICROMETRE),
            metadata={"axes": axes, "unit": "um"},
        )
    printed = program("imagej")("RunPackage", package, *files)
    return dict(zip(images, zip(printed, files[1::2], strict=True), strict=True))


@pytest.mark.parametrize("name", ["8 bit", "16 bit", "32 bit", "movie"])
def test_hyperstack_holds_the_numbers_of_python(
    results, images, sampled, name, assert_same_samples, record_property
):
    printed, path = results[name]
    record_property("seconds", printed["seconds"])
    record_property("version", printed["imagej"])
    with tifffile.TiffFile(path) as file:
        (series,) = file.series
        assert series.axes == ("TCYX" if name == "movie" else "CYX")
        pixels = series.asarray()
    planes = np.atleast_3d(images[name].T).T.astype(np.float32)
    assert planes.min() < 0 or name != "32 bit"
    assert planes.max() > 2**15 or name != "16 bit"
    expected = np.moveaxis(sampled(planes[..., np.newaxis]), -1, 1)
    assert_same_samples(pixels.reshape(expected.shape), expected, images[name].std())


@pytest.mark.parametrize("name", ["8 bit", "16 bit", "32 bit", "movie"])
def test_hyperstack_is_labelled_and_keeps_the_pixel_size(results, images, name):
    printed, path = results[name]
    frames = FRAMES if name == "movie" else 1
    assert printed["imagej"].startswith("1.54")
    assert printed["bits"] == 8 * images[name].itemsize
    # a hyperstack with a slider for the channels, not a plain stack
    assert printed["composite"]
    assert printed["dimensions"] == [WIDTH, HEIGHT, len(LABELS), 1, frames]
    with tifffile.TiffFile(path) as file:
        assert file.imagej_metadata["Labels"] == LABELS * frames
        # each channel with its own range: the uncertainty is not black beside the mean
        assert file.imagej_metadata["mode"] == "grayscale"
        assert len(file.imagej_metadata["Ranges"]) == 2 * len(LABELS)
        assert file.imagej_metadata["unit"] == r"\u00B5m"
        per_pixel = file.pages[0].tags["XResolution"].value
    assert per_pixel[0] / per_pixel[1] == pytest.approx(PIXELS_PER_MICROMETRE, rel=1e-6)
