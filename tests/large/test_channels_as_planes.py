import numpy as np
import pytest

import divnoising_tf as dn
from divnoising_tf import InputError
from divnoising_tf.large import open_image

from .conftest import OPTIONS, StopError, stop_after
from .test_lazy_image import write_ome_zarr

zarr = pytest.importorskip("zarr")
ome_zarr_models = pytest.importorskip("ome_zarr_models")

_RESULTS = ("mean", "uncertainty", "sample 1", "sample 2")


@pytest.mark.parametrize("name", ["out.zarr", "out.ome.tif"])
def test_a_model_of_one_channel_takes_channels_one_by_one(
    scene, model, tmp_path, assert_close, monkeypatch, name
):
    pixels = np.resize(scene.pixels, (2, 2, 3, 96, 80))
    pixels[:, :, 1] += 300
    named = {"channels": [{"label": one} for one in ("DAPI", "GFP", "RFP")]}
    write_ome_zarr(tmp_path / "in.zarr", pixels, "TZCYX", "0.5", omero=named)
    with pytest.raises(InputError, match="one by one with channels_as_planes"):
        dn.denoise_large(model, tmp_path / "in.zarr", tmp_path / name, **OPTIONS)
    options = {**OPTIONS, "channels_as_planes": True}
    with monkeypatch.context() as patch:
        stop_after(patch, 5, StopError())
        with pytest.raises(StopError), pytest.warns(UserWarning, match="training data: GFP\\."):
            dn.denoise_large(model, tmp_path / "in.zarr", tmp_path / name, **options)
    with pytest.warns(UserWarning, match="denoises 3 channels"):
        out = dn.denoise_large(model, tmp_path / "in.zarr", tmp_path / name, **options)
    with pytest.warns(UserWarning, match="denoises 3 channels"):
        whole = dn.denoise_large(model, tmp_path / "in.zarr", tmp_path / "a" / name, **options)
    # (result, time, depth, channel, y, x), each channel a plane
    posterior = model.posterior(pixels, axes="TZSYX", seed=3)
    expected = np.stack([*posterior.moments(4), *posterior.sample(2)])
    image = open_image(out)
    assert image.axes == ("TCZYX" if name == "out.zarr" else "TZCYX")
    labels = [f"{one}, {two}" for one in _RESULTS for two in ("DAPI", "GFP", "RFP")]
    assert image.channel_names == tuple(labels)
    result = np.moveaxis(np.asarray(image.pixels[...]), image.axes.index("C"), 0)
    result = result.reshape(4, 3, 2, 2, 96, 80).transpose(0, 2, 3, 1, 4, 5)
    assert_close(result, expected)
    np.testing.assert_array_equal(open_image(whole).pixels[...], image.pixels[...])
    assert image.pixel_sizes["Z"] == open_image(tmp_path / "in.zarr").pixel_sizes["Z"]
    if name == "out.zarr":
        ome_zarr_models.open_ome_zarr(zarr.open_group(out, mode="r"))
