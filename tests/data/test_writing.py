import errno

import numpy as np
import pytest
import tifffile

from divnoising_tf.data import read_image, write_image
from divnoising_tf.data.writing import as_type
from divnoising_tf.errors import InputError

_RANDOM = np.random.default_rng(0)


@pytest.mark.parametrize("suffix", [".tif", ".ome.tif"])
@pytest.mark.parametrize(
    ("axes", "found"),
    [
        ("YX", "YX"),
        ("TYX", "TYX"),
        ("SYX", "TYX"),
        ("CYX", "CYX"),
        ("YXC", "CYX"),
        ("TSYX", "TZYX"),
        ("CTYX", "TCYX"),
    ],
)
def test_pixels_and_axes_come_back(tmp_path, suffix, axes, found):
    sizes = {"T": 4, "S": 5, "C": 2, "Y": 8, "X": 9}
    image = _RANDOM.random([sizes[letter] for letter in axes]).astype(np.float32)
    write_image(tmp_path / f"a{suffix}", image, axes)
    values, its_axes, *_ = read_image(tmp_path / f"a{suffix}")
    assert its_axes == found
    named = found if "S" not in axes else found.replace("Z" if "T" in axes else "T", "S")
    np.testing.assert_array_equal(values, image.transpose([axes.index(one) for one in named]))


def test_a_tiff_is_an_imagej_hyperstack_with_labels(tmp_path):
    image = _RANDOM.random((2, 3, 8, 9))
    write_image(tmp_path / "a.tif", image, "TCYX", channel_names=["mean", "std", "sample"])
    with tifffile.TiffFile(tmp_path / "a.tif") as file:
        assert file.is_imagej
        assert file.imagej_metadata["channels"] == 3
        assert file.imagej_metadata["frames"] == 2
        assert file.imagej_metadata["Labels"] == ["mean", "std", "sample"] * 2
        assert file.series[0].dtype == np.float32


def test_ome_holds_the_channel_names(tmp_path):
    names = ["MMSE", "uncertainty"]
    write_image(tmp_path / "a.ome.tif", np.zeros((2, 8, 9)), "CYX", channel_names=names)
    with tifffile.TiffFile(tmp_path / "a.ome.tif") as file:
        assert all(f'Name="{name}"' in file.ome_metadata for name in names)


def test_numpy_keeps_shape_and_axes_order(tmp_path):
    image = _RANDOM.random((8, 9, 2))
    write_image(tmp_path / "a.npy", image, "YXC", dtype="float64")
    np.testing.assert_array_equal(np.load(tmp_path / "a.npy"), image)


def test_integers_are_clipped_with_a_warning_and_never_wrap():
    image = np.array([-3.0, 0.4, 65535.4, 65536.0, 1e20])
    with pytest.warns(UserWarning, match="3 of 5 values"):
        np.testing.assert_array_equal(as_type(image, "uint16"), [0, 0, 65535, 65535, 65535])
    with pytest.warns(UserWarning, match="2 of 3 values"):
        clipped = as_type(np.array([-1, 70000, 7], np.int64), np.uint16)
    np.testing.assert_array_equal(clipped, [0, 65535, 7])


@pytest.mark.filterwarnings("error")
def test_values_in_range_are_rounded_silently():
    np.testing.assert_array_equal(as_type(np.array([1.5, 2.4, 0]), "uint8"), [2, 2, 0])


@pytest.mark.parametrize(
    ("name", "image", "options", "message"),
    [
        ("a.png", np.zeros((8, 9)), {}, "not written"),
        ("a.tif", np.zeros((8, 9)), {"axes": "SYX"}, "3 letters"),
        ("a.tif", np.zeros((8, 9)), {"dtype": "int64"}, "ImageJ does not read"),
        ("a.tif", np.zeros((8, 9)), {"dtype": "complex64"}, "as this type"),
        ("a.tif", np.zeros((8, 9)), {"dtype": "grey"}, "as this type"),
        ("a.tif", np.full((8, 9), np.nan), {"dtype": "uint8"}, "NaN"),
        ("a.tif", np.zeros((2, 2, 2, 8, 9)), {"axes": "STZYX"}, "no place"),
        ("a.tif", np.zeros((2, 8, 9)), {"axes": "CYX", "channel_names": ["a"]}, "1 names for 2"),
    ],
)
def test_bad_requests_leave_nothing_behind(tmp_path, name, image, options, message):
    with pytest.raises(InputError, match=message):
        write_image(tmp_path / name, image, **options)
    assert list(tmp_path.iterdir()) == []


def test_existing_files_are_replaced_only_when_told(tmp_path):
    write_image(tmp_path / "a.tif", np.zeros((8, 9)))
    with pytest.raises(InputError, match="not replaced"):
        write_image(tmp_path / "a.tif", np.ones((8, 9)))
    assert read_image(tmp_path / "a.tif").array.max() == 0
    write_image(tmp_path / "a.tif", np.ones((8, 9)), overwrite=True)
    assert read_image(tmp_path / "a.tif").array.min() == 1


def test_a_full_disk_leaves_nothing_behind(tmp_path, monkeypatch):
    def full(path, *_, **__):
        path.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tifffile, "imwrite", full)
    with pytest.raises(InputError, match="No space left"):
        write_image(tmp_path / "a.tif", np.zeros((8, 9)))
    assert list(tmp_path.iterdir()) == []
