from pathlib import Path

import numpy as np
import pytest
import tifffile

from divnoising_tf.data import ImageMetadata
from divnoising_tf.data.display_range import display_range
from divnoising_tf.data.tiff_options import ORDER
from divnoising_tf.large import LazyImage
from divnoising_tf.large.layout import result_layout
from divnoising_tf.large.tiff_result import TiffResult


def _layout(ranges):
    pixels = np.zeros((3, 40, 50), np.uint16)
    metadata = ImageMetadata({}, None, ranges)
    image = LazyImage(Path("image"), "TYX", pixels.shape, pixels.dtype, pixels, metadata)
    return result_layout(image, samples=1, order=ORDER)


@pytest.mark.parametrize("ranges", [{}, {0: (3.0, 9.0)}])
def test_display_ranges_are_written_last_into_their_place(tmp_path, ranges):
    path, layout = tmp_path / "a.tif", _layout(ranges)
    result = TiffResult.create(path, layout, ome=False)
    pixels = np.random.default_rng(0).random((3, 3, 40, 50), np.float32)
    for plane, image in enumerate(pixels):
        result.write(plane, slice(0, 40), slice(0, 50), 0, image)
    size = path.stat().st_size
    # what is killed after it is done again
    result.finish()
    TiffResult(path, layout).finish()
    assert path.stat().st_size == size
    with tifffile.TiffFile(path) as file:
        np.testing.assert_array_equal(file.asarray(), pixels)
        assert file.imagej_metadata["Labels"] == ["mean", "uncertainty", "sample 1"] * 3
        found = np.reshape(file.imagej_metadata["Ranges"], (3, 2))
    for channel, pair in enumerate(found):
        known = ranges.get(0) if channel != 1 else None
        np.testing.assert_allclose(pair, known or display_range(pixels[:, channel]))


def test_an_ome_tiff_has_no_place_for_ranges(tmp_path):
    path, layout = tmp_path / "a.ome.tif", _layout({})
    result = TiffResult.create(path, layout, ome=True)
    content = path.read_bytes()
    result.finish()
    assert path.read_bytes() == content
