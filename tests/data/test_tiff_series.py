import warnings

import numpy as np
import pytest
import tifffile
from helpers.tiff_files import write_micro_manager, write_plain, write_set

from divnoising_tf.data import read_image
from divnoising_tf.errors import InputError
from divnoising_tf.large import open_image

STACK = np.random.default_rng(0).integers(0, 4000, (6, 40, 48)).astype(np.uint16)
SMALL = STACK[0, ::2, ::2]


def _loop(path, **options):
    with tifffile.TiffWriter(path) as file:
        for plane in STACK:
            file.write(plane, **options)


def _append(path):
    for plane in STACK:
        tifffile.imwrite(path, plane, append=True)


def _stacks(path):
    with tifffile.TiffWriter(path) as file:
        for stack in np.split(STACK, 3):
            file.write(stack, photometric="minisblack")


def _positions(path):
    with tifffile.TiffWriter(path, ome=True) as file:
        for stack in np.split(STACK, 3):
            file.write(stack, metadata={"axes": "TYX"}, photometric="minisblack")


def _pyramid(path):
    with tifffile.TiffWriter(path, ome=True) as file:
        file.write(STACK, subifds=1, metadata={"axes": "TYX"}, photometric="minisblack")
        file.write(STACK[:, ::2, ::2], subfiletype=1, photometric="minisblack")


def _read(path, axes=None):
    """Read an image in memory and in parts, and see that both are the same; return it."""
    whole = read_image(path, axes)
    parts = open_image(path, axes)
    assert (parts.axes, parts.shape) == (whole.axes, whole.array.shape)
    assert parts.dtype == whole.array.dtype
    np.testing.assert_array_equal(parts.pixels[(slice(None),) * whole.array.ndim], whole.array)
    stack = [letter for letter in whole.axes if letter not in "YXC"]
    planes = [
        parts.read(plane, slice(3, 30), slice(5, 20))
        for plane in range(int(np.prod([parts.length(one) for one in stack])))
    ]
    order = [whole.axes.index(one) for one in (*stack, *"YXC") if one in whole.axes]
    expected = whole.array.transpose(order)
    expected = expected if "C" in whole.axes else expected[..., np.newaxis]
    expected = expected.reshape(-1, *expected.shape[-3:])[:, 3:30, 5:20]
    np.testing.assert_array_equal(planes, expected)
    return whole


@pytest.mark.parametrize(
    ("write", "axes", "shape"),
    [
        (_loop, "SYX", (6, 40, 48)),
        (lambda path: _loop(path, compression="zlib", tile=(16, 32)), "SYX", (6, 40, 48)),
        (_append, "SYX", (6, 40, 48)),
        (_stacks, "SYX", (6, 40, 48)),
        (_positions, "STYX", (3, 2, 40, 48)),
        (_pyramid, "TYX", (6, 40, 48)),
        (lambda path: write_plain(path, *STACK), "SYX", (6, 40, 48)),
    ],
)
def test_series_of_one_shape_are_one_stack_without_a_word(tmp_path, write, axes, shape):
    write(tmp_path / "a.tif")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        image = _read(tmp_path / "a.tif")
    assert image.axes == axes
    np.testing.assert_array_equal(image.array, STACK.reshape(shape))


def test_the_axes_of_series_can_be_named(tmp_path):
    _loop(tmp_path / "a.tif", compression="zlib")
    for axes in ("TYX", "CYX"):
        image = _read(tmp_path / "a.tif", axes)
        np.testing.assert_array_equal(image.array, STACK)
    with pytest.raises(InputError, match="do not fit"):
        read_image(tmp_path / "a.tif", "YX")


@pytest.mark.parametrize(
    ("arrays", "read", "left_out"),
    [
        ((SMALL, *STACK), STACK, "1 of 20 × 24 \\(uint16\\)"),
        ((*STACK, SMALL, SMALL + 1), STACK, "1 of 2 × 20 × 24 \\(uint16\\)"),
        ((STACK[0], STACK[0] > 0), STACK[0], "1 of 40 × 48 \\(bool\\)"),
        ((STACK[0], SMALL.astype(np.uint8), STACK[1]), STACK[:2], "1 of 20 × 24 \\(uint8\\)"),
    ],
)
def test_other_series_are_left_out_with_a_warning(tmp_path, arrays, read, left_out):
    write_plain(tmp_path / "a.tif", *arrays)
    for reader in (read_image, open_image):
        with pytest.warns(UserWarning, match=f"a.tif holds images.*Left out: {left_out}"):
            reader(tmp_path / "a.tif")
    with pytest.warns(UserWarning, match="a.tif holds"):
        np.testing.assert_array_equal(_read(tmp_path / "a.tif").array, read)


def test_planes_that_no_description_knows_are_left_out_with_a_warning(tmp_path):
    tifffile.imwrite(tmp_path / "a.ome.tif", STACK[:4], photometric="minisblack")
    tifffile.imwrite(tmp_path / "a.ome.tif", STACK[4], metadata=None, append="force")
    with pytest.warns(UserWarning, match=r"1 plane\(s\) in the file are in none"):
        image = read_image(tmp_path / "a.ome.tif")
    np.testing.assert_array_equal(image.array, STACK[:4])


def test_a_set_of_files_is_read_from_any_of_them(tmp_path):
    for path in write_set(tmp_path, STACK):
        image = _read(path)
        assert image.axes == "TYX"
        np.testing.assert_array_equal(image.array, STACK)


def test_of_a_set_of_several_images_each_file_has_its_own(tmp_path):
    for number, path in enumerate(write_set(tmp_path, STACK, images=3)):
        image = _read(path)
        first = number // 2 * 2
        np.testing.assert_array_equal(image.array, STACK[first : first + 2])


def test_a_set_that_is_not_complete_is_refused_and_what_is_missing_named(tmp_path):
    first, second, *_ = write_set(tmp_path, STACK)
    second.unlink()
    for reader in (read_image, open_image):
        with pytest.raises(InputError, match=r"several files.*t1.ome.tif.*1 of 6 planes"):
            reader(first)


def test_a_stack_of_micro_manager_is_read_whatever_tifffile_says(tmp_path):
    write_micro_manager(tmp_path / "a_MMStack.tif", STACK, frames=6)
    with pytest.warns(UserWarning, match=r"all its planes are there.*display settings"):
        image = _read(tmp_path / "a_MMStack.tif")
    assert image.axes == "TYX"
    np.testing.assert_array_equal(image.array, STACK)


def test_a_stack_that_ended_early_is_read_with_a_warning(tmp_path):
    write_micro_manager(tmp_path / "a_MMStack.tif", STACK, frames=9)
    with pytest.warns(UserWarning, match="all its planes are there"):
        np.testing.assert_array_equal(_read(tmp_path / "a_MMStack.tif").array, STACK)


def test_a_stack_of_micro_manager_that_was_cut_is_refused(tmp_path):
    path = tmp_path / "a_MMStack.tif"
    write_micro_manager(path, STACK, frames=6)
    content = bytearray(path.read_bytes())
    # the place of the fourth plane in the index at the end
    entry = len(content) - 3 * 20 + 16
    content[entry : entry + 4] = (2**31).to_bytes(4, "little")
    path.write_bytes(content)
    for reader in (read_image, open_image):
        with pytest.raises(InputError, match="1 of 6 planes are missing"):
            reader(path)


@pytest.mark.parametrize("write", [_loop, _positions, lambda path: write_plain(path, *STACK)])
def test_several_series_that_were_cut_are_refused(tmp_path, write):
    write(tmp_path / "whole.tif")
    content = (tmp_path / "whole.tif").read_bytes()
    for share in (0.1, 0.4, 0.6, 0.9, 0.99):
        (tmp_path / "cut.tif").write_bytes(content[: int(share * len(content))])
        for reader in (read_image, open_image):
            with pytest.raises(InputError, match="cannot be read"):
                reader(tmp_path / "cut.tif")
