import numpy as np
import pytest
import tifffile
import yaml

zarr = pytest.importorskip("zarr")


def _write_zarr(path, pixels, axes="YX"):
    group = zarr.create_group(path, zarr_format=3)
    group.create_array("0", data=pixels)
    named = [{"name": one.lower(), "type": "time" if one == "T" else "space"} for one in axes]
    scale = {"type": "scale", "scale": [0.2] * len(axes)}
    datasets = [{"path": "0", "coordinateTransformations": [scale]}]
    multiscales = [{"axes": named, "datasets": datasets}]
    group.attrs["ome"] = {"version": "0.5", "multiscales": multiscales}


def _denoise(files, images, output, *options):
    return ("denoise", images, "-m", files.model, "-o", output, "--average", 3, *options)


def _assert_denoised(files, path, pixels, axes="YX"):
    mean, deviation = files.network.posterior(pixels, axes=axes).moments(3)
    result = np.moveaxis(zarr.open_group(path, mode="r")["0"][:], -3, 0)
    for one, expected in zip(result, (mean, deviation), strict=True):
        assert np.abs(one - expected).max() <= 1e-4 * expected.std()


def test_an_ome_zarr_is_denoised_into_an_ome_zarr(files, run, tmp_path):
    _write_zarr(tmp_path / "in.zarr", files.array[:3], "TYX")
    out = tmp_path / "out.zarr"
    result = run(
        *_denoise(files, tmp_path / "in.zarr", out, "--ome-zarr", "0.4", "--tile-size", 16)
    )
    assert result.exit_code == 0, result.output
    assert str(out) in result.stdout.splitlines()
    _assert_denoised(files, out, files.array[:3], "TYX")
    assert zarr.open_group(out).metadata.zarr_format == 2
    assert zarr.open_group(out)["0"].chunks[-2:] == (16, 16)
    settings = yaml.safe_load((tmp_path / "out.settings.yaml").read_text())["settings"]
    assert settings["ome_zarr"] == "0.4"


def test_zarrs_and_large_tiffs_of_a_folder_come_beside_small_ones(
    files, run, tmp_path, monkeypatch
):
    monkeypatch.setattr("divnoising_tf.machine.memory.available_memory", lambda: 100_000)
    _write_zarr(tmp_path / "images" / "a.zarr", files.array[0])
    tifffile.imwrite(tmp_path / "images" / "b.tif", np.tile(files.array[1], (2, 2)))
    tifffile.imwrite(tmp_path / "images" / "c.tif", files.array[2])
    result = run(*_denoise(files, tmp_path / "images", tmp_path / "out"))
    assert result.exit_code == 0, result.output
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "a_denoised.zarr",
        "b_denoised.zarr",
        "c_denoised.tif",
        "denoise.settings.yaml",
    }
    _assert_denoised(files, tmp_path / "out" / "a_denoised.zarr", files.array[0])
    _assert_denoised(files, tmp_path / "out" / "b_denoised.zarr", np.tile(files.array[1], (2, 2)))


def test_channels_as_planes_of_a_small_tiff(files, run, tmp_path):
    pixels = files.array[:6].reshape(3, 2, *files.array.shape[1:])
    tifffile.imwrite(tmp_path / "in.tif", pixels, imagej=True, metadata={"axes": "TCYX"})
    result = run(*_denoise(files, tmp_path / "in.tif", tmp_path / "out", "--channels-as-planes"))
    assert result.exit_code == 0, result.output
    assert "One model denoises 2 channels one by one" in " ".join(result.output.split())
    mean, deviation = files.network.posterior(pixels, axes="TSYX").moments(3)
    with tifffile.TiffFile(tmp_path / "out" / "in_denoised.tif") as file:
        assert file.series[0].axes == "TCYX"
        labels = file.imagej_metadata["Labels"][:4]
        results = file.asarray()
    assert labels == [f"{one}, channel {c}" for one in ("mean", "uncertainty") for c in (1, 2)]
    np.testing.assert_allclose(results[:, :2], mean, rtol=1e-4)
    np.testing.assert_allclose(results[:, 2:], deviation, rtol=1e-4)


def test_a_small_tiff_becomes_one_file_if_the_output_is_one(files, run, tmp_path):
    image = files.images / "shot0.tif"
    for name in ("out.zarr", "other.tif"):
        assert run(*_denoise(files, image, tmp_path / name)).exit_code == 0
    _assert_denoised(files, tmp_path / "out.zarr", files.array[0])
    np.testing.assert_allclose(
        tifffile.imread(tmp_path / "other.tif"), zarr.open_group(tmp_path / "out.zarr")["0"][:]
    )


@pytest.mark.parametrize(
    ("images", "options", "message"),
    [
        (("a.zarr", "b.zarr"), (), "several images for one result"),
        (("a.zarr",), ("--pixels", "uint8"), "written as float32"),
        (("a.zarr",), ("--ome-zarr", "0.3"), "ome-zarr"),
        (("a.zarr",), ("--tolerance", 0), "positive number"),
        (("a.zarr",), ("--axes", "TYX"), "do not fit"),
        (("a.zarr",), ("-o", "exists.zarr"), "exists already"),
        (("empty.zarr",), (), "no images in this folder"),
        (("group.zarr",), (), "not an OME-Zarr image"),
        (("array.zarr",), (), "what its axes are"),
        (("stack.npy",), (), "read in parts"),
    ],
)
def test_bad_input_is_refused_and_nothing_is_written(
    files, refused, tmp_path, monkeypatch, images, options, message
):
    monkeypatch.chdir(tmp_path)
    for name in ("a.zarr", "b.zarr", "exists.zarr"):
        _write_zarr(tmp_path / name, files.array[0])
    (tmp_path / "empty.zarr").mkdir()
    zarr.create_group(tmp_path / "group.zarr")
    zarr.create_array(tmp_path / "array.zarr", data=files.array[0])
    np.save(tmp_path / "stack.npy", files.array[0])
    common = ("-m", files.model, "-o", "out.zarr", "--average", 3)
    refused(message, tmp_path, "denoise", *images, *common, *options)


def test_a_blank_zarr_is_left_out_and_rays_are_said(files, run, tmp_path):
    folder = tmp_path / "images"
    hot = files.array[1].copy()
    hot[3, 4] = 65535
    _write_zarr(folder / "good.zarr", files.array[0])
    _write_zarr(folder / "ray.zarr", hot)
    _write_zarr(folder / "well_empty.zarr", np.full((32, 32), 100, np.uint16))
    result = run(*_denoise(files, folder, tmp_path / "out"))
    assert result.exit_code == 0, result.output
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert written == {"good_denoised.zarr", "ray_denoised.zarr", "denoise.settings.yaml"}
    said = " ".join(result.stderr.split())
    assert "well_empty.zarr is left out" in said
    assert "ray.zarr: 1 of 1024 pixels (65535 counts)" in said


def test_a_zarr_whose_looked_at_parts_are_blank_fails_the_command_and_not_the_others(
    files, run, tmp_path
):
    folder = tmp_path / "images"
    nearly = np.full((1, 64 * 256, 256), 100, np.uint16)
    nearly[0, 300, 7] = 130
    _write_zarr(folder / "good.zarr", files.array[0])
    _write_zarr(folder / "nearly.zarr", nearly, "TYX")
    result = run(*_denoise(files, folder, tmp_path / "out"))
    assert result.exit_code == 2
    assert (tmp_path / "out" / "good_denoised.zarr").exists()
    assert "nearly.zarr: Nearly all pixels" in " ".join(result.stderr.split())
