import errno

import numpy as np
import pytest
import tifffile

import divnoising_tf as dn
from divnoising_tf import InputError
from divnoising_tf.data import PixelSize
from divnoising_tf.large import open_image
from divnoising_tf.posterior.tiling.tile_sampler import TileSampler

from .conftest import OPTIONS, result_of, small_model
from .test_lazy_image import SCALE, write_ome_zarr

zarr = pytest.importorskip("zarr")
ome_zarr_models = pytest.importorskip("ome_zarr_models")
_MODELS = {"0.4": ome_zarr_models.v04.Image, "0.5": ome_zarr_models.v05.Image}


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_the_result_is_that_of_the_posterior_in_memory(
    scene, model, tmp_path, assert_close, version
):
    out = tmp_path / "new" / "out.zarr"
    assert dn.denoise_large(model, scene.path, out, ome_zarr=version, **OPTIONS) == out
    assert_close(result_of(out), scene.results)
    assert list(out.parent.iterdir()) == [out]
    validated = ome_zarr_models.open_ome_zarr(zarr.open_group(out, mode="r"))
    assert isinstance(validated, _MODELS[version])
    assert zarr.open_group(out)["0"].chunks == (1, 64, 64)
    attributes = dict(zarr.open_group(out).attrs)
    labels = [one["label"] for one in attributes.get("ome", attributes)["omero"]["channels"]]
    assert labels == ["mean", "uncertainty", "sample 1", "sample 2"]


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_axes_scale_and_version_of_an_ome_zarr_are_kept(
    model, tmp_path, assert_close, scene, version
):
    shape = (2, 1, 2, 96, 80)
    pixels = np.resize(scene.pixels, shape)
    write_ome_zarr(
        tmp_path / "in.zarr",
        pixels,
        "TCZYX",
        version,
        dataset=[{"type": "translation", "translation": [5, 0, 1, 10, 20]}],
    )
    out = dn.denoise_large(model, tmp_path / "in.zarr", tmp_path / "out.zarr", **OPTIONS)
    mean, deviation = model.posterior(pixels, axes="TCZYX", seed=3).moments(4)
    result = result_of(out)
    assert result.shape == (2, 4, 2, 96, 80)
    assert_close(result[:, :1], mean)
    assert_close(result[:, 1:2], deviation)
    before, after = open_image(tmp_path / "in.zarr"), open_image(out)
    assert after.pixel_sizes == before.pixel_sizes
    assert after.pixel_sizes["Y"] == PixelSize(SCALE["Y"], "micrometer", 10.0)
    assert isinstance(
        ome_zarr_models.open_ome_zarr(zarr.open_group(out, mode="r")), _MODELS[version]
    )


def test_channels_of_a_model_with_several_have_names(tmp_path, assert_close, scene):
    model = small_model(channels=2)
    pixels = np.stack([scene.pixels, scene.pixels[::-1]])
    named = {"channels": [{"label": "DAPI"}, {"label": "GFP"}]}
    write_ome_zarr(tmp_path / "in.zarr", pixels, "CYX", "0.5", omero=named)
    out = dn.denoise_large(model, tmp_path / "in.zarr", tmp_path / "out.zarr", **OPTIONS)
    posterior = model.posterior(pixels, seed=3)
    expected = np.concatenate([*posterior.moments(4), *posterior.sample(2)])
    assert_close(result_of(out), expected)
    assert open_image(out).channel_names[:3] == ("mean, DAPI", "mean, GFP", "uncertainty, DAPI")
    with pytest.raises(InputError, match="must have 2 channel"):
        dn.denoise_large(model, scene.path, tmp_path / "other.zarr", **OPTIONS)


def test_lower_resolutions_are_means_and_say_where_they_lie(scene, model, tmp_path, monkeypatch):
    monkeypatch.setattr("divnoising_tf.large.zarr_result._CHUNK_SIZE", 64)
    out = dn.denoise_large(model, scene.path, tmp_path / "out.zarr", **OPTIONS)
    group = zarr.open_group(out, mode="r")
    assert [group[str(level)].shape[1:] for level in range(3)] == [(171, 214), (86, 107), (43, 54)]
    whole = group["0"][:, :168, :212]
    means = whole.reshape(4, 42, 4, 53, 4).mean(axis=(2, 4))
    np.testing.assert_allclose(group["2"][:, :42, :53], means, rtol=1e-4)
    datasets = group.attrs["ome"]["multiscales"][0]["datasets"]
    assert [one["coordinateTransformations"][0]["scale"][1] for one in datasets] == [1, 2, 4]
    assert datasets[2]["coordinateTransformations"][1]["translation"] == [0, 1.5, 1.5]
    ome_zarr_models.open_ome_zarr(group)


@pytest.mark.parametrize("name", ["out.tif", "out.ome.tif"])
def test_tiff_in_and_out(scene, model, tmp_path, assert_close, name):
    pixels = np.resize(scene.pixels, (2, 3, 60, 70))
    sizes = {"unit": "um", "spacing": 0.5, "finterval": 2.0}
    tifffile.imwrite(
        tmp_path / "in.tif",
        pixels,
        imagej=True,
        resolution=(5.0, 5.0),
        metadata={"axes": "TZYX", **sizes},
    )
    out = dn.denoise_large(model, tmp_path / "in.tif", tmp_path / name, **OPTIONS)
    expected = model.posterior(pixels, axes="TZYX", seed=3).moments(4)
    with tifffile.TiffFile(out) as file:
        assert file.series[0].axes == "TZCYX"
        assert file.is_ome == (".ome." in name)
        if not file.is_ome:
            assert file.imagej_metadata["Labels"][:3] == ["mean", "uncertainty", "sample 1"]
        result = file.asarray()
    assert_close(result[:, :, 0], expected.mean)
    assert_close(result[:, :, 1], expected.standard_deviation)
    image = open_image(out)
    for letter, size in (("T", 2.0), ("Z", 0.5), ("Y", 0.2), ("X", 0.2)):
        np.testing.assert_allclose(image.pixel_sizes[letter].size, size)
    assert image.pixel_sizes["X"].unit == "micrometer"


def test_a_tiff_above_4_gb_is_a_bigtiff_with_ome_metadata(tmp_path, monkeypatch, scene, model):
    monkeypatch.setattr("divnoising_tf.data.tiff_options._CLASSIC_TIFF_BYTES", 1000)
    out = dn.denoise_large(model, scene.path, tmp_path / "out.tif", **OPTIONS)
    with tifffile.TiffFile(out) as file:
        assert file.is_bigtiff
        assert file.is_ome
    assert open_image(out).channel_names == ("mean", "uncertainty", "sample 1", "sample 2")


def test_antithetic_pairs_are_those_in_memory(scene, model, tmp_path, assert_close):
    options = {**OPTIONS, "samples": 0, "antithetic": True}
    out = dn.denoise_large(model, scene.path, tmp_path / "out.zarr", **options)
    moments = model.posterior(scene.pixels, seed=3).moments(4, antithetic=True)
    assert_close(result_of(out), np.stack([moments.mean, moments.standard_deviation]))


def test_a_store_that_fails_half_way_through_a_chunk_is_a_full_disk(
    scene, model, tmp_path, monkeypatch
):
    import zarr.storage._local as local

    def put(path, value, exclusive=False):
        if path.parent.name == "1":
            raise OSError(errno.ENOSPC, "No space left on device")
        return original(path, value, exclusive)

    original = local._put
    with monkeypatch.context() as patch:
        patch.setattr(local, "_put", put)
        with pytest.raises(InputError, match="No space left"):
            dn.denoise_large(model, scene.path, tmp_path / "out.zarr", **OPTIONS)
    assert not (tmp_path / "out.zarr").exists()


def test_a_tile_that_is_too_large_for_the_memory_is_done_in_parts(
    scene, model, tmp_path, monkeypatch, assert_close, caplog
):
    original = TileSampler.sample

    def sample(self, *arguments):
        if self.tile.core[0].stop - self.tile.core[0].start > smallest:
            raise MemoryError
        return original(self, *arguments)

    smallest = 16
    monkeypatch.setattr(TileSampler, "sample", sample)
    out = dn.denoise_large(model, scene.path, tmp_path / "out.zarr", **OPTIONS)
    assert_close(result_of(out), scene.results)
    assert zarr.open_group(out)["0"].chunks == (1, 64, 64)
    assert [record.args for record in caplog.records] == [(64, 32), (32, 16)]
    smallest = 8
    with pytest.raises(InputError, match="not enough memory"):
        dn.denoise_large(model, scene.path, tmp_path / "other.zarr", **OPTIONS)


def test_an_existing_result_is_replaced_only_when_told(scene, model, tmp_path, assert_close):
    out = tmp_path / "out.zarr"
    out.mkdir()
    (out / "precious").write_text("precious")
    with pytest.raises(InputError, match="exists already"):
        dn.denoise_large(model, scene.path, out, **OPTIONS)
    assert (out / "precious").exists()
    dn.denoise_large(model, scene.path, out, overwrite=True, **OPTIONS)
    assert not (out / "precious").exists()
    assert_close(result_of(out), scene.results)
    assert list(tmp_path.iterdir()) == [out]


def test_the_image_itself_is_not_replaced(scene, model):
    with pytest.raises(InputError, match="made from"):
        dn.denoise_large(model, scene.path, scene.path, overwrite=True, **OPTIONS)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"average": 1}, "at least 2"),
        ({"average": 5, "antithetic": True}, "come in pairs"),
        ({"samples": -1}, "at least 0"),
        ({"tile_size": 0}, "at least 1"),
        ({"ome_zarr": "0.3"}, "version of OME-Zarr"),
        ({"axes": "TYX"}, "do not fit"),
        ({"output": "out.png"}, "must say what it is"),
        ({"output": "file/out.zarr"}, "cannot be written"),
    ],
)
def test_bad_arguments_are_refused_and_nothing_is_written(
    scene, model, tmp_path, monkeypatch, options, message
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("not a folder")
    arguments = {"output": "out.zarr", **OPTIONS, **options}
    with pytest.raises(InputError, match=message):
        dn.denoise_large(model, scene.path, arguments.pop("output"), **arguments)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_nan_is_found_before_any_work(scene, model, tmp_path):
    pixels = scene.pixels.astype(np.float32)
    pixels[170, 213] = np.inf
    tifffile.imwrite(tmp_path / "nan.tif", pixels)
    with pytest.raises(InputError, match="NaN or infinity"):
        dn.denoise_large(model, tmp_path / "nan.tif", tmp_path / "out.zarr", **OPTIONS)
    assert not (tmp_path / "out.zarr.partial" / "out.zarr").exists()


def test_other_units_than_the_models_are_refused(scene, model, tmp_path):
    tifffile.imwrite(tmp_path / "scaled.tif", (scene.pixels / 4096).astype(np.float32))
    with pytest.raises(InputError, match="units"):
        dn.denoise_large(model, tmp_path / "scaled.tif", tmp_path / "out.zarr", **OPTIONS)
