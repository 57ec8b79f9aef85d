"""Blank, broken and hot images among good ones: the others are worked on, and all are named."""

import sys

import keras
import numpy as np
import pytest
import tifffile

from divnoising_tf.data import read_image

_TINY = ("--depth", 1, "--latent-channels", 4, "--base-channels", 4, "--patch-size", 16)


def _words(result):
    return " ".join(result.stderr.split())


def _good(files, folder, numbers=(0, 1)):
    folder.mkdir(exist_ok=True)
    for number in numbers:
        tifffile.imwrite(folder / f"good{number}.tif", files.array[number])
    return folder


def _command(name, files, images, output):
    number = ("--average", 3) if name == "denoise" else ("--samples", 39)
    return (name, *images, "-m", files.model, "-o", output, *number)


def _done(name, output):
    pattern = "*_denoised.tif" if name == "denoise" else "*_check.txt"
    return sorted(path.name.split("_")[0] for path in output.glob(pattern))


@pytest.mark.parametrize("name", ["denoise", "check"])
def test_a_blank_image_is_left_out_and_named(files, run, tmp_path, name):
    folder = _good(files, tmp_path / "wells")
    tifffile.imwrite(folder / "well_empty.tif", np.full((32, 32), 100, np.uint16))
    for images in ([folder], sorted(folder.iterdir())):
        output = tmp_path / f"out{len(images)}"
        result = run(*_command(name, files, images, output))
        assert result.exit_code == 0, result.output
        assert _done(name, output) == ["good0", "good1"]
        assert "well_empty.tif is left out. All pixels are equal" in _words(result)


@pytest.mark.parametrize("name", ["denoise", "check"])
def test_blank_images_alone_are_refused(files, refused, tmp_path, name):
    for number in range(2):
        tifffile.imwrite(tmp_path / f"empty{number}.tif", np.full((32, 32), 100, np.uint16))
    out = tmp_path / "out"
    one = _command(name, files, [tmp_path / "empty1.tif"], out)
    refused("All pixels are equal", tmp_path, *one)
    refused("empty1.tif: 100 counts everywhere", tmp_path, *one)
    refused("None of the 2 images can be", tmp_path, *_command(name, files, [tmp_path], out))


def _spoil(folder, kind):
    good = np.random.default_rng(0).normal(100, 15, (32, 32)).astype(np.float32)
    bad = folder / f"bad_{kind}.tif"
    if kind == "nan":
        tifffile.imwrite(bad, np.where(good > 130, np.nan, good))
    elif kind == "units":
        tifffile.imwrite(bad, good * 300)
    elif kind == "channels":
        tifffile.imwrite(bad, np.stack([good, good]), imagej=True, metadata={"axes": "CYX"})
    elif kind == "cut":
        tifffile.imwrite(bad, good)
        bad.write_bytes(bad.read_bytes()[:900])
    return bad


@pytest.mark.parametrize("name", ["denoise", "check"])
@pytest.mark.parametrize("kind", ["nan", "units", "channels", "cut"])
def test_the_others_of_a_folder_are_done_and_the_command_fails(files, run, tmp_path, name, kind):
    folder = _good(files, tmp_path / "images")
    bad = _spoil(folder, kind)
    result = run(*_command(name, files, [folder], tmp_path / "out"))
    assert result.exit_code == 2
    assert _done(name, tmp_path / "out") == ["good0", "good1"]
    assert f"Warning: {bad.name} is left out." in _words(result)
    _, _, end = _words(result).partition("Error: ")
    assert end.startswith("1 of 3 images could not be")
    assert bad.name in end


@pytest.mark.parametrize("name", ["denoise", "check"])
@pytest.mark.parametrize("kind", ["nan", "units", "channels", "cut"])
def test_a_named_image_is_refused_by_its_name_before_any_work(files, refused, tmp_path, name, kind):
    folder = _good(files, tmp_path / "images")
    bad = _spoil(folder, kind)
    images = [folder / "good0.tif", bad]
    refused(bad.name, tmp_path, *_command(name, files, images, tmp_path / "out"))


@pytest.mark.parametrize("name", ["denoise", "check"])
def test_hot_pixels_of_a_folder_are_said_in_one_line(files, run, tmp_path, name):
    folder = _good(files, tmp_path / "images")
    for number, value in ((2, 65535), (3, 4000)):
        image = files.array[number].copy()
        image[5, 7] = value
        tifffile.imwrite(folder / f"ray{number}.tif", image)
    result = run(*_command(name, files, [folder], tmp_path / "out"))
    assert result.exit_code == 0, result.output
    said = _words(result)
    assert said.count("Hot pixels") == 1
    assert "in 2 of 4 images, out of the -100 to 400 counts" in said
    assert "ray2.tif: 1 of 1024 pixels (65535 counts); ray3.tif: 1 of 1024 pixels (4000" in said


def test_a_training_leaves_blank_images_and_hot_pixels_out(files, run, tmp_path):
    folder = _good(files, tmp_path / "images", range(4))
    hot = files.array[5].copy()
    hot[5, 7], hot[9, 9] = 65535, 30000
    tifffile.imwrite(folder / "ray.tif", hot)
    tifffile.imwrite(folder / "well_empty.tif", np.full((32, 32), 100, np.uint16))
    options = ("--noise-model", files.noise, *_TINY, "--epochs", 1)
    result = run("train", folder, *options, "-o", tmp_path / "m.keras")
    assert result.exit_code == 0, result.output
    said = _words(result)
    assert "1 blank image(s) are left out: well_empty.tif" in said
    assert said.count("Hot pixels") == 1
    assert "in 1 of 5 images" in said
    assert "ray.tif: 2 of 1024 pixels (30000 to 65535 counts)" in said
    model = keras.saving.load_model(tmp_path / "m.keras")
    assert model.bounds.ravel().tolist() == pytest.approx([-100, 400])
    assert model.data_standard_deviation[0] < 40
    denoised = run(*_command("denoise", files, [folder / "ray.tif"], tmp_path / "out"))
    assert denoised.exit_code == 0
    assert read_image(tmp_path / "out" / "ray_denoised.tif").array.shape == (2, 32, 32)


def test_a_training_refuses_by_the_name_of_the_file(files, run, refused, tmp_path):
    blank = tmp_path / "blank"
    blank.mkdir()
    tifffile.imwrite(blank / "empty.tif", np.full((32, 32), 100, np.uint16))
    options = ("--noise-model", files.noise, *_TINY, "--epochs", 1, "-o", tmp_path / "m.keras")
    refused("empty.tif", tmp_path, "train", blank, *options)
    folder = _good(files, tmp_path / "images")
    tifffile.imwrite(folder / "small.tif", files.array[2][:8, :20])
    refused("small.tif", tmp_path, "train", folder, *options)
    (folder / "small.tif").unlink()
    bright = (files.array[2].astype(np.float32) * 100).clip(0, 65535).astype(np.uint16)
    tifffile.imwrite(folder / "exported_bright.tif", bright)
    result = run("train", folder, *options)
    assert "out of the noise model's range" in _words(result)
    assert "nearly all in exported_bright.tif" in _words(result)
    tifffile.imwrite(folder / "exported2.tif", bright)
    tifffile.imwrite(folder / "exported3.tif", bright)
    refused("nearly all in exported2.tif", tmp_path, "train", folder, *options, "--overwrite")


def test_a_blank_image_does_not_stop_what_goes_on_after_a_kill(files, run, tmp_path, monkeypatch):
    folder = _good(files, tmp_path / "images")
    tifffile.imwrite(folder / "well_empty.tif", np.full((32, 32), 100, np.uint16))

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        # the module, of whose name there is a function beside it
        patch.setattr(sys.modules["divnoising_tf.cli.denoise"], "write_settings", killed)
        result = run(*_command("denoise", files, [folder], tmp_path / "out"))
    assert result.exit_code == 130
    result = run(*_command("denoise", files, [folder], tmp_path / "out"))
    assert result.exit_code == 0, result.output
    assert "2 of 3 images were denoised before" in _words(result)
