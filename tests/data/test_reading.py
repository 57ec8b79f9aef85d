import numpy as np
import pytest
import tifffile

from divnoising_tf.data import image_files, patches, read_image, read_images
from divnoising_tf.errors import InputError

_RANDOM = np.random.default_rng(0)


def _image(*shape, dtype=np.uint16):
    return _RANDOM.integers(0, 200, shape).astype(dtype)


@pytest.mark.parametrize(
    ("shape", "options", "axes"),
    [
        ((8, 9), {}, "YX"),
        ((5, 8, 9), {}, "SYX"),
        ((5, 8, 9), {"imagej": True, "metadata": {"axes": "TYX"}}, "TYX"),
        ((5, 2, 8, 9), {"imagej": True, "metadata": {"axes": "TCYX"}}, "TCYX"),
        ((5, 2, 8, 9), {"ome": True, "metadata": {"axes": "ZCYX"}}, "ZCYX"),
        ((5, 8, 9), {"compression": "zlib"}, "SYX"),
    ],
)
def test_the_axes_of_a_tiff_are_found(tmp_path, shape, options, axes):
    image = _image(*shape)
    tifffile.imwrite(tmp_path / "a.tif", image, photometric="minisblack", **options)
    values, its_axes, path, _ = read_image(tmp_path / "a.tif")
    np.testing.assert_array_equal(values, image)
    assert its_axes == axes
    assert values.dtype == np.uint16
    assert path == tmp_path / "a.tif"


def test_a_stack_of_unknown_axes_asks_for_their_names(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", _image(2, 3, 8, 9), photometric="minisblack")
    with pytest.raises(InputError, match="cannot be guessed"):
        read_image(tmp_path / "a.tif")
    assert read_image(tmp_path / "a.tif", axes="TCYX").axes == "TCYX"


def test_numpy_files_are_read(tmp_path):
    image = _image(5, 8, 9)
    np.save(tmp_path / "a.npy", image)
    np.savez(tmp_path / "a.npz", anything=image)
    for name in ("a.npy", "a.npz"):
        values, axes, *_ = read_image(tmp_path / name)
        np.testing.assert_array_equal(values, image)
        assert axes == "SYX"


def test_a_folder_is_read_in_natural_order_and_sizes_may_differ(tmp_path):
    for number in (10, 2, 1):
        tifffile.imwrite(tmp_path / f"shot{number}.TIF", _image(20 + number, 30))
    (tmp_path / "notes.txt").write_text("hello")
    (tmp_path / ".hidden.tif").write_text("hello")
    images = read_images(tmp_path)
    assert [image.name for image in images] == ["shot1.TIF", "shot2.TIF", "shot10.TIF"]
    assert images[2].array.shape == (30, 30)
    files = [tmp_path / "shot10.TIF", tmp_path / "shot1.TIF"]
    assert image_files(files) == files
    train, _ = patches(tmp_path, 8, 2)
    assert next(iter(train)).shape == (2, 8, 8, 1)


@pytest.mark.parametrize("options", [{}, {"imagej": True}, {"compression": "zlib"}, {"ome": True}])
def test_a_truncated_tiff_is_never_read_in_part(tmp_path, options):
    image = _image(6, 32, 32)
    tifffile.imwrite(tmp_path / "whole.tif", image, photometric="minisblack", **options)
    content = (tmp_path / "whole.tif").read_bytes()
    for share in (0.0, 0.01, 0.1, 0.5, 0.7, 0.9, 0.99):
        (tmp_path / "cut.tif").write_bytes(content[: int(share * len(content))])
        # ImageJ's format repeats itself at the end: all pixels are there without it
        if share == 0.99 and "imagej" in options:
            np.testing.assert_array_equal(read_image(tmp_path / "cut.tif").array, image)
            continue
        with pytest.raises(InputError, match="cannot be read"):
            read_image(tmp_path / "cut.tif")


@pytest.mark.parametrize("name", ["a.npy", "a.npz"])
def test_a_truncated_numpy_file_is_refused(tmp_path, name):
    (np.save if name == "a.npy" else np.savez)(tmp_path / name, _image(32, 32))
    content = (tmp_path / name).read_bytes()
    for share in (0.0, 0.02, 0.5, 0.99):
        (tmp_path / name).write_bytes(content[: int(share * len(content))])
        with pytest.raises(InputError, match="cannot be read"):
            read_image(tmp_path / name)


def test_colour_is_refused_unless_the_axes_are_named(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", _image(8, 9, 3, dtype=np.uint8), photometric="rgb")
    with pytest.raises(InputError, match=r"RGB.*YXC"):
        read_image(tmp_path / "a.tif")
    assert read_image(tmp_path / "a.tif", axes="YXC").array.shape == (8, 9, 3)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (np.zeros((8, 9), complex), "complex128"),
        (np.zeros((8, 9), bool), "bool"),
        (np.array([[1.0, np.nan]]), "1 of 2 pixels"),
        (np.array([[1.0, np.inf]]), "NaN or infinite"),
        (np.zeros((0, 9)), "no pixels"),
        (np.zeros(9), "cannot be guessed"),
        (np.array([[None]]), "cannot be read"),
    ],
)
def test_arrays_that_are_no_images_are_refused(tmp_path, content, message):
    np.save(tmp_path / "a.npy", content, allow_pickle=True)
    with pytest.raises(InputError, match=message):
        read_image(tmp_path / "a.npy")


def test_files_that_are_no_images_are_refused(tmp_path):
    (tmp_path / "a.tif").write_text("not an image")
    (tmp_path / "a.png").write_text("not an image")
    np.savez(tmp_path / "two.npz", a=_image(8, 9), b=_image(8, 9))
    (tmp_path / "empty").mkdir()
    for name, message in [
        ("a.tif", "cannot be read"),
        ("a.png", "kind of file"),
        ("two.npz", "2: a, b"),
        ("missing.tif", "no such file"),
        ("empty", "no images in this folder"),
    ]:
        with pytest.raises(InputError, match=message):
            read_images(tmp_path / name)
    with pytest.raises(InputError, match="no images"):
        read_images([])


@pytest.mark.parametrize(
    ("odd", "axes", "message"),
    [
        (_image(8, 9, dtype=np.uint8), None, "type.*c.npy: uint8"),
        (_image(3, 8, 9), None, "axes.*c.npy: SYX"),
    ],
)
def test_mixed_images_are_refused_and_named(tmp_path, odd, axes, message):
    np.save(tmp_path / "a.npy", _image(8, 9))
    np.save(tmp_path / "b.npy", _image(10, 9))
    assert len(read_images(tmp_path)) == 2
    np.save(tmp_path / "c.npy", odd)
    with pytest.raises(InputError, match=message):
        read_images(tmp_path, axes)


def test_mixed_channels_are_refused_and_named(tmp_path):
    np.save(tmp_path / "a.npy", _image(2, 8, 9))
    np.save(tmp_path / "b.npy", _image(3, 8, 9))
    with pytest.raises(InputError, match=r"channels.*b.npy: 3 channel"):
        read_images(tmp_path, axes="CYX")
