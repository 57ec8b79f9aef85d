import numpy as np
import pytest

from divnoising_tf.data import PixelSize, image_files, read_image, read_images
from divnoising_tf.errors import InputError
from divnoising_tf.large import open_image

zarr = pytest.importorskip("zarr")

PIXELS = np.random.default_rng(0).integers(0, 4000, (2, 3, 4, 24, 32)).astype(np.uint16)


def _write(path, pixels, version, axes=None, dataset="0", **more):
    """Write an OME-Zarr of an older version than 0.5, as other programs do."""
    group = zarr.create_group(path, zarr_format=2)
    group.create_array("0", data=pixels)
    multiscale = {"datasets": [{"path": dataset, **more}]}
    multiscale |= {"version": version} if version else {}
    multiscale |= {"axes": axes} if axes else {}
    group.attrs.update({"multiscales": [multiscale]})
    return path


@pytest.mark.parametrize(
    ("version", "axes", "own"),
    [
        (None, None, "TCZYX"),
        ("0.1", None, "TCZYX"),
        ("0.2", None, "TCZYX"),
        ("0.3", ["t", "c", "z", "y", "x"], "TCZYX"),
        ("0.3", ["y", "x"], "YX"),
    ],
)
def test_old_versions_are_read_in_memory_and_in_parts(tmp_path, version, axes, own):
    pixels = PIXELS[(0,) * (5 - len(own))]
    path = _write(tmp_path / "a.zarr", pixels, version, axes)
    image, parts = read_image(path), open_image(path)
    np.testing.assert_array_equal(image.array, pixels)
    assert image.axes == parts.axes == own
    assert parts.pixel_sizes["X"] == PixelSize(1.0, None)
    np.testing.assert_array_equal(parts.read(0, slice(24), slice(32))[..., 0], PIXELS[0, 0, 0])


def test_axes_that_an_old_version_does_not_say_can_be_named(tmp_path):
    path = _write(tmp_path / "a.zarr", PIXELS[0], "0.2")
    for reader in (read_image, open_image):
        with pytest.raises(InputError, match=r"version 0.2 does not say.*--axes"):
            reader(path)
        assert reader(path, "CZYX").axes == "CZYX"


def test_an_ome_zarr_is_an_image_of_a_folder(tmp_path):
    _write(tmp_path / "b.zarr", PIXELS[0, 0, 0], "0.3", ["y", "x"])
    np.save(tmp_path / "a.npy", PIXELS[0, 0, 1])
    assert [path.name for path in image_files(tmp_path)] == ["a.npy", "b.zarr"]
    first, second = read_images(tmp_path)
    np.testing.assert_array_equal(first.array, PIXELS[0, 0, 1])
    np.testing.assert_array_equal(second.array, PIXELS[0, 0, 0])


def test_a_damaged_chunk_and_nan_are_refused_and_the_folder_named(tmp_path):
    path = _write(tmp_path / "a.zarr", PIXELS[0, 0, 0], "0.3", ["y", "x"])
    (path / "0" / "0.0").write_bytes(b"rubbish")
    with pytest.raises(InputError, match=r"not complete.*a\.zarr"):
        read_image(path)
    path = _write(tmp_path / "b.zarr", np.full((8, 8), np.nan), "0.3", ["y", "x"])
    with pytest.raises(InputError, match=r"b\.zarr"):
        read_image(path)


@pytest.mark.parametrize("dataset", ["../b.zarr/0", "/etc", "..", "", "1", 5])
def test_pixels_outside_the_folder_are_not_read(tmp_path, dataset):
    _write(tmp_path / "b.zarr", PIXELS[0, 0, 0], "0.3", ["y", "x"])
    path = _write(tmp_path / "a.zarr", PIXELS[0, 0, 0], "0.3", ["y", "x"], dataset)
    for reader in (read_image, open_image):
        with pytest.raises(InputError, match="cannot be read"):
            reader(path)


@pytest.mark.parametrize(
    "transformations", [[{"scale": [1]}], [{"scale": "ab"}], [{"scale": None}], [3], 3]
)
def test_wrong_transformations_are_refused(tmp_path, transformations):
    path = _write(
        tmp_path / "a.zarr",
        PIXELS[0, 0, 0],
        "0.3",
        ["y", "x"],
        coordinateTransformations=transformations,
    )
    with pytest.raises(InputError, match="damaged or incomplete"):
        read_image(path)


def test_a_link_to_an_image_that_is_not_there_is_refused(tmp_path):
    np.save(tmp_path / "a.npy", PIXELS[0, 0, 0])
    (tmp_path / "b.TIF").symlink_to(tmp_path / "not mounted" / "b.tif")
    with pytest.raises(InputError, match=r"leads nowhere.*b\.TIF"):
        image_files(tmp_path)
    # a link to another kind of file is none of ours
    (tmp_path / "b.TIF").unlink()
    (tmp_path / "notes.txt").symlink_to(tmp_path / "not mounted" / "notes.txt")
    assert len(image_files(tmp_path)) == 1
