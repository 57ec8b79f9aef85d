"""What is written is what the reader of napari's plug-in, the package ome-zarr, finds."""

import numpy as np
import pytest

import divnoising_tf as dn

from .conftest import OPTIONS, result_of

pytest.importorskip("zarr")
pytest.importorskip("ome_zarr")


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_a_viewer_finds_channels_by_name_with_a_range_to_show(scene, model, tmp_path, version):
    from ome_zarr.io import parse_url
    from ome_zarr.reader import Reader

    out = dn.denoise_large(model, scene.path, tmp_path / "out.zarr", ome_zarr=version, **OPTIONS)
    (image,) = Reader(parse_url(out))()
    written = result_of(out)
    assert image.data[0].shape == written.shape
    np.testing.assert_array_equal(image.data[0].compute(), written)
    axes = "".join(axis["name"] for axis in image.metadata["axes"])
    assert image.metadata["channel_names"] == ["mean", "uncertainty", "sample 1", "sample 2"]
    # the mean at once, the rest on a click
    assert image.metadata["visible"] == [True, False, False, False]
    for number, (low, high) in enumerate(image.metadata["contrast_limits"]):
        channel = np.take(written, number, axes.index("c"))
        assert channel.min() <= low < high <= channel.max()
