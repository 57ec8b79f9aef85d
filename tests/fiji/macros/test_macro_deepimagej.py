"""The macros that run a package call deepImageJ as it wants to be called.

deepImageJ is not on Maven Central: a stand-in of its command prints what it was called with, and
does with files and windows what deepImageJ 3 does.
"""

import numpy as np
import pytest
import tifffile
from fiji.macros.runner import call
from fiji.macros.stacks import opened, planes, saved, write_stack

# of the stand-in: planes that it returns
NAMES = ["mean", "uncertainty", "sample 1", "sample 2", "sample 3"]


@pytest.fixture
def package(tmp_path):
    folder = tmp_path / "my package"
    folder.mkdir()
    (folder / "rdf.yaml").write_text("type: model\n")
    return folder


@pytest.fixture
def image():
    return planes()[0].round().astype(np.uint16)


def write_image(path, image):
    tifffile.imwrite(path, image, imagej=True)
    return path


def commands(log):
    """Return the options of every call of deepImageJ."""
    return [line.split("|")[1] for line in log.splitlines() if line.startswith("DeepImageJ Run|")]


def assert_is_result(path, image):
    with tifffile.TiffFile(path) as file:
        stack, labels = file.asarray(), file.imagej_metadata["Labels"]
    assert labels == NAMES
    np.testing.assert_array_equal(stack, [image + float(plane) for plane in range(5)])


def test_open_image_is_given_to_the_package(imagej, package, image, tmp_path):
    path = write_image(tmp_path / "cell 7.tif", image)
    log = imagej.run(
        opened(path),
        call("run_on_open_image", f"model_path=[{package}/] output_folder=[{tmp_path}]"),
        "print(getTitle(), nImages, is('composite'));",
        "for (c = 1; c <= 3; c++) {",
        "    Stack.setChannel(c); getMinAndMax(low, high); print(round(low), round(high));",
        "}",
        call("browse_samples", "speed=4"),
        "print(nSlices);",
    )
    assert commands(log) == [f"model_path=[{package}] display_output=all"]
    low, high = np.quantile(image, [0.001, 0.999]).round()
    assert log.splitlines()[1:] == [
        "cell 7 denoised.tif 2 1",
        f"{low:.0f} {high:.0f}",
        f"{image.min() + 1} {image.max() + 1}",
        f"{low:.0f} {high:.0f}",
        "3",
    ]
    assert_is_result(tmp_path / "cell 7 denoised.tif", image)


def test_results_without_names_are_measured_too(imagej, package, image, tmp_path):
    """What deepImageJ shows by itself is no hyperstack to ImageJ, and its planes have no names."""
    path = write_image(tmp_path / "cell.tif", image)
    log = imagej.run(
        opened(path),
        f'run("DeepImageJ Run", "model_path=[{package}] output_folder=[{tmp_path}]");',
        opened(tmp_path / "cell_output.tif"),
        "print(nSlices);",
        "makeRectangle(3, 4, 20, 10);",
        call("measure_region"),
        'for (k = 1; k <= 3; k++) print(d2s(getResult("Sample " + k, 0), 4));',
    )
    mean = image[4:14, 3:23].mean()
    measured = [float(line) for line in log.splitlines()[2:5]]
    np.testing.assert_allclose(measured, [mean + 2, mean + 3, mean + 4], atol=1e-4)


def test_plane_that_is_shown_is_given_of_a_stack(imagej, package, image, tmp_path):
    movie = write_stack(tmp_path / "movie.tif", np.stack([image, image + 50, image]), axes="TYX")
    log = imagej.run(
        opened(movie),
        "setSlice(2);",
        call("run_on_open_image", f"model_path=[{package}]"),
        "print(getTitle(), nImages);",
        saved(tmp_path / "denoised"),
    )
    assert log.splitlines()[1] == "movie-2 denoised 2"
    assert_is_result(tmp_path / "denoised.tif", image + 50)


def test_packages_in_fijis_folder_are_given_by_name(imagej, image, tmp_path):
    path = write_image(tmp_path / "cell.tif", image)
    log = imagej.run(opened(path), call("run_on_open_image", "model_path=[DivNoising nuclei]"))
    assert commands(log) == ["model_path=[DivNoising nuclei] display_output=all"]


def test_every_image_of_a_folder_is_denoised_once(imagej, package, image, tmp_path):
    noisy, denoised = tmp_path / "noisy", tmp_path / "de noised"
    noisy.mkdir()
    images = {f"cell {number}": image + number for number in (1, 2, 3)}
    for name, pixels in images.items():
        write_image(noisy / f"{name}.tif", pixels)
    (noisy / "notes.txt").write_text("not an image")
    (noisy / "._cell 1.tif").write_text("not an image either")
    (noisy / "more").mkdir()
    (denoised / "unfinished").mkdir(parents=True)
    (denoised / "unfinished" / "cell_output.tif").write_text("left by a crash")
    (denoised / "cell 2 denoised.tif").write_text("made earlier")
    argument = f"model_path=[{package}] input_path=[{noisy}] output_folder=[{denoised}/]"
    log = imagej.run(call("run_on_folder", argument))

    unfinished = denoised / "unfinished"
    assert commands(log) == [
        f"model_path=[{package}] input_path=[{noisy}/{name}.tif] output_folder=[{unfinished}]"
        for name in ("cell 1", "cell 3")
    ]
    assert "2 image(s) denoised, 1 had a result already" in log
    for name in ("cell 1", "cell 3"):
        assert_is_result(denoised / f"{name} denoised.tif", images[name])
    assert (denoised / "cell 2 denoised.tif").read_text() == "made earlier"
    assert len(list(denoised.iterdir())) == 3


def test_paths_of_windows_are_given_with_forward_slashes(imagej, package, image, tmp_path):
    noisy, denoised = tmp_path / "noisy", tmp_path / "denoised"
    noisy.mkdir()
    write_image(noisy / "cell.TIF", image)
    argument = f"model_path=[{package}] input_path=[{noisy}] output_folder=[{denoised}]"
    log = imagej.run(call("run_on_folder", argument.replace("/", r"\\")))
    (command,) = commands(log)
    assert f"model_path=[{package}] input_path=[{noisy}/cell.TIF]" in command
    assert_is_result(denoised / "cell denoised.tif", image)


@pytest.mark.parametrize(
    ("model_path", "message"),
    [
        ("{folder}/package.zip", "given as its unpacked folder"),
        ("{folder}", "holds no rdf.yaml"),
        ("C:/nowhere", "holds no rdf.yaml"),
    ],
)
@pytest.mark.parametrize("macro", ["run_on_open_image", "run_on_folder"])
def test_refuses_what_is_no_package(imagej, image, tmp_path, macro, model_path, message):
    path = write_image(tmp_path / "cell.tif", image)
    argument = f"model_path=[{model_path.format(folder=tmp_path)}] input_path=[{tmp_path}]"
    log = imagej.run(opened(path), call(macro, f"{argument} output_folder=[{tmp_path}/new]"))
    assert message in log
    assert commands(log) == []
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(("channels", "axes"), [(2, "CYX"), (3, "YXS")])
def test_refuses_images_of_several_channels(imagej, package, tmp_path, channels, axes):
    pixels = np.zeros((channels, 20, 20) if axes == "CYX" else (20, 20, channels), np.uint8)
    path = write_stack(tmp_path / "colours.tif", pixels, axes=axes)
    log = imagej.run(opened(path), call("run_on_open_image", f"model_path=[{package}]"))
    assert "images of one channel" in log
    assert commands(log) == []


def test_says_when_deepimagej_failed(imagej, image, tmp_path):
    package = tmp_path / "broken"
    package.mkdir()
    (package / "rdf.yaml").write_text("type: model\n")
    path = write_image(tmp_path / "cell.tif", image)
    log = imagej.run(opened(path), call("run_on_open_image", f"model_path=[{package}]"))
    assert "deepImageJ showed no result" in log
    argument = f"model_path=[{package}] input_path=[{tmp_path}] output_folder=[{tmp_path}/out]"
    log = imagej.run(call("run_on_folder", argument))
    assert "deepImageJ made no result" in log
    assert f"Received: {path}" in log


def test_refuses_folders_that_it_cannot_use(imagej, package, tmp_path):
    argument = f"model_path=[{package}] input_path=[{tmp_path}] output_folder=[{tmp_path}]"
    assert "another folder for the results" in imagej.run(call("run_on_folder", argument))
    argument = f"model_path=[{package}] input_path=[{tmp_path}/absent] output_folder=[{tmp_path}/x]"
    assert "another folder for the results" in imagej.run(call("run_on_folder", argument))
    argument = f"model_path=[{package}] input_path=[{package}] output_folder=[{tmp_path}/x]"
    assert "No image was found." in imagej.run(call("run_on_folder", argument))


def test_says_when_deepimagej_is_not_installed(imagej, image, tmp_path):
    path = write_image(tmp_path / "cell.tif", image)
    remove = 'call("DeepImageJStandIn.uninstall");'
    log = imagej.run(opened(path), remove, call("run_on_open_image", "model_path=x"))
    assert "deepImageJ is not installed." in log
    log = imagej.run(remove, call("run_on_folder", "model_path=x"))
    assert "deepImageJ is not installed." in log
