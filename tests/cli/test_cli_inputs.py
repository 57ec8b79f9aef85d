"""What a folder may hold is read alike by all commands, and what cannot be done is said first."""

import numpy as np
import pytest
import tifffile
from helpers.tiff_files import write_plain, write_set

zarr = pytest.importorskip("zarr")


def _write_zarr(path, pixels):
    group = zarr.create_group(path, zarr_format=2)
    group.create_array("0", data=pixels)
    axes = [{"name": one, "type": "time" if one == "t" else "space"} for one in "tyx"]
    scale = {"type": "scale", "scale": [1.0, 0.2, 0.2]}
    datasets = [{"path": "0", "coordinateTransformations": [scale]}]
    group.attrs["multiscales"] = [{"version": "0.4", "axes": axes, "datasets": datasets}]


def _commands(files, images, out):
    tiny = ("--depth", 1, "--latent-channels", 4, "--base-channels", 4, "--patch-size", 16)
    once = ("--epochs", 1, "--steps-per-epoch", 1, "--batch-size", 2)
    return {
        "train": (
            "train",
            images,
            "--noise-model",
            files.noise,
            "-o",
            out / "m.keras",
            *tiny,
            *once,
        ),
        "check": ("check", images, "-m", files.model, "-o", out, "-n", 39),
        "denoise": ("denoise", images, "-m", files.model, "-o", out, "--average", 2),
        "fit": ("noise-model", "fit", images, "-o", out / "n.json", "--kind", "poisson-gaussian"),
        "report": ("noise-model", "report", files.noise, images),
        "bootstrap": ("noise-model", "bootstrap", images, "-o", out / "n.json", "--steps", 2),
        "export": (
            *("export", "-m", files.model, "-o", out / "p.zip", "--test-image", images),
            *(
                "--name",
                "DivNoising",
                "--description",
                "Denoises.",
                "--author",
                "A",
                "--license",
                "MIT",
            ),
        ),
    }


@pytest.mark.parametrize("command", ["train", "check", "denoise", "fit", "report"])
def test_every_command_reads_ome_zarr(files, run, tmp_path, command):
    noise = np.random.default_rng(0).normal(0, 15, (8, 32, 32))
    _write_zarr(tmp_path / "images" / "a.zarr", (files.array[0] + noise).clip(0).astype("uint16"))
    out = tmp_path / "out"
    result = run(*_commands(files, tmp_path / "images", out)[command])
    assert result.exit_code == 0, result.output
    assert command == "report" or any(out.iterdir())


def test_the_image_of_a_package_may_be_an_ome_zarr(files, run, tmp_path, monkeypatch):
    _write_zarr(tmp_path / "a.zarr", files.array[:1])
    given = []

    def export(_, output, image, **__):
        output.write_text("a package")
        given.append(image)

    monkeypatch.setattr("divnoising_tf.zoo.export", export)
    result = run(*_commands(files, tmp_path / "a.zarr", tmp_path)["export"])
    assert result.exit_code == 0, result.output
    np.testing.assert_array_equal(given, [files.array[:1]])


def test_a_set_of_files_is_denoised_once_under_the_name_of_the_first(files, run, tmp_path):
    paths = write_set(tmp_path / "images", files.array[:3])
    options = ("-m", files.model, "-o", tmp_path / "out", "--average", 2)
    result = run("denoise", *paths, *options)
    assert result.exit_code == 0, result.output
    assert "t0.ome.tif and 2 other file(s) are one image" in result.stderr
    written = [*(tmp_path / "out").glob("*.tif")]
    assert written
    assert all(path.name.startswith("t0_") for path in written)
    # mean and uncertainty of all three
    (result,) = [tifffile.imread(path) for path in written]
    assert result.size == 2 * files.array[:3].size


def test_what_is_left_out_is_said_once(files, run, tmp_path):
    write_plain(tmp_path / "a.tif", files.array[0, ::2, ::2], *files.array[:2])
    result = run("denoise", tmp_path, "-m", files.model, "-o", tmp_path / "out", "--average", 2)
    assert result.exit_code == 0, result.output
    said = " ".join(result.stderr.split())
    assert said.count("Left out: 1 of 16 × 16 (uint16)") == 1


@pytest.mark.parametrize("command", ["train", "check", "denoise", "fit", "report", "bootstrap"])
def test_a_link_to_an_image_that_is_not_there_is_refused(files, refused, tmp_path, command):
    images = tmp_path / "images"
    images.mkdir()
    tifffile.imwrite(images / "a.tif", files.array[0])
    (images / "b.tif").symlink_to(tmp_path / "not mounted" / "b.tif")
    refused("b.tif", tmp_path, *_commands(files, images, tmp_path / "out")[command])


@pytest.mark.parametrize(
    ("command", "options", "message"),
    [
        ("denoise", ("--tolerance", 0), "positive number"),
        ("denoise", ("--average", 5, "--antithetic"), "come in pairs"),
        ("train", ("--patch-size", 15), "multiple of 2"),
        ("train", ("--learning-rate", 0), "learning rate"),
        ("train", ("--validation", 1), "validation_fraction"),
        ("train", ("--noise-model", "missing.json"), "missing.json"),
    ],
)
def test_options_are_refused_before_an_image_is_opened(
    files, refused, tmp_path, command, options, message
):
    images = tmp_path / "images"
    images.mkdir()
    (images / "a.tif").write_text("not an image")
    refused(message, tmp_path, *_commands(files, images, tmp_path / "out")[command], *options)
