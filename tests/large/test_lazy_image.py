import numpy as np
import pytest
import tifffile

from divnoising_tf.data import PixelSize, to_planes
from divnoising_tf.errors import InputError
from divnoising_tf.large import open_image

zarr = pytest.importorskip("zarr")

SHAPES = {
    "YX": (70, 93),
    "TYX": (3, 70, 93),
    "CYX": (2, 70, 93),
    "TZYX": (2, 3, 70, 93),
    "TCZYX": (2, 2, 3, 70, 93),
}
UNITS = {"T": "second", "Z": "micrometer", "Y": "micrometer", "X": "micrometer"}
SCALE = {"T": 2.0, "C": 1.0, "Z": 0.5, "Y": 0.2, "X": 0.2}
TYPES = {"T": "time", "C": "channel"}


def _pixels(axes, dtype="uint16"):
    return np.random.default_rng(0).integers(0, 4000, SHAPES[axes]).astype(dtype)


def write_ome_zarr(path, pixels, axes, version, dataset=(), multiscale=None, **attributes):
    """Write an OME-Zarr as another program would: two resolutions, and named channels."""
    group = zarr.create_group(path, zarr_format={"0.4": 2, "0.5": 3}[version], overwrite=True)
    datasets = []
    for level, array in enumerate((pixels, pixels[..., ::2, ::2])):
        group.create_array(f"s{level}", data=array, chunks=(*[1] * (array.ndim - 2), 32, 32))
        scale = [SCALE[one] * (2**level if one in "YX" else 1) for one in axes]
        transformations = [{"type": "scale", "scale": scale}, *dataset]
        datasets.append({"path": f"s{level}", "coordinateTransformations": transformations})
    named = [
        {"name": one.lower(), "type": TYPES.get(one, "space")}
        | ({"unit": UNITS[one]} if one in UNITS else {})
        for one in axes
    ]
    image = {"axes": named, "datasets": datasets, "name": "cells", **(multiscale or {})}
    content = {"multiscales": [image], **attributes}
    if version == "0.4":
        image["version"] = "0.4"
        group.attrs.update(content)
    else:
        group.attrs.update({"ome": {"version": "0.5", **content}})


def _assert_regions_equal(image, pixels, axes):
    planes = to_planes(pixels, axes).array
    assert (image.planes, *image.size, image.channels) == planes.shape
    places = [(0, 70, 0, 93), (0, 1, 0, 1), (69, 70, 92, 93), (13, 57, 31, 66)]
    for plane in range(image.planes):
        for top, bottom, left, right in places:
            region = image.read(plane, slice(top, bottom), slice(left, right))
            assert region.dtype == np.float32
            np.testing.assert_array_equal(region, planes[plane, top:bottom, left:right])


@pytest.mark.parametrize("version", ["0.4", "0.5"])
@pytest.mark.parametrize("axes", list(SHAPES))
def test_ome_zarr_is_read_in_parts(tmp_path, axes, version):
    pixels = _pixels(axes)
    write_ome_zarr(tmp_path / "a", pixels, axes, version)
    image = open_image(tmp_path / "a")
    assert image.axes == axes
    assert image.dtype == np.uint16
    assert image.pixel_sizes == {
        one: PixelSize(SCALE[one], UNITS[one]) for one in axes if one != "C"
    }
    _assert_regions_equal(image, pixels, axes)


def test_transformations_act_one_after_the_other_and_channels_have_names(tmp_path):
    write_ome_zarr(
        tmp_path / "a.zarr",
        _pixels("CYX"),
        "CYX",
        "0.5",
        dataset=[{"type": "translation", "translation": [0, 10, 20]}],
        multiscale={"coordinateTransformations": [{"type": "scale", "scale": [1, 2, 3]}]},
        omero={"channels": [{"label": "DAPI"}, {"label": "GFP"}]},
    )
    image = open_image(tmp_path / "a.zarr")
    assert image.channel_names == ("DAPI", "GFP")
    y, x = image.pixel_sizes["Y"], image.pixel_sizes["X"]
    np.testing.assert_allclose((y.size, y.origin, x.size, x.origin), (0.4, 20, 0.6, 60))


def _write_tiff(path, pixels, axes, kind):
    options = {
        "plain": {"metadata": {"axes": axes}},
        "strips": {"metadata": {"axes": axes}, "compression": "zlib", "rowsperstrip": 16},
        "imagej": {
            "imagej": True,
            "resolution": (5.0, 5.0),
            "metadata": {"axes": axes, "unit": "um", "spacing": 0.5, "finterval": 2.0},
        },
        "ome": {
            "ome": True,
            "tile": (32, 48),
            "compression": "zlib",
            "predictor": True,
            "metadata": {
                "axes": axes,
                "PhysicalSizeX": 0.2,
                "PhysicalSizeXUnit": "µm",
                "PhysicalSizeY": 200.0,
                "PhysicalSizeYUnit": "nm",
                "TimeIncrement": 2.0,
                "TimeIncrementUnit": "s",
            }
            | ({"Channel": {"Name": ["DAPI", "GFP"]}} if "C" in axes else {}),
        },
        "big-endian": {"byteorder": ">", "bigtiff": True, "metadata": {"axes": axes}},
    }[kind]
    tifffile.imwrite(path, pixels, photometric="minisblack", **options)


@pytest.mark.parametrize("kind", ["plain", "strips", "imagej", "ome", "big-endian"])
@pytest.mark.parametrize("axes", ["YX", "TYX", "CYX", "TZYX"])
def test_tiff_is_read_in_parts(tmp_path, axes, kind):
    pixels = _pixels(axes)
    path = tmp_path / ("a.ome.tif" if kind == "ome" else "a.tif")
    _write_tiff(path, pixels, axes, kind)
    image = open_image(path, axes)
    assert image.axes == axes
    _assert_regions_equal(image, pixels, axes)
    if kind in ("imagej", "ome"):
        assert image.pixel_sizes["X"] == PixelSize(0.2, "micrometer")
    if kind == "imagej":
        assert image.pixel_sizes["Y"] == PixelSize(0.2, "micrometer")
        assert image.pixel_sizes.get("T", PixelSize(2.0, "second")) == PixelSize(2.0, "second")
        assert image.pixel_sizes.get("Z", PixelSize(0.5, "micrometer")).size == 0.5
    if kind == "ome":
        assert image.pixel_sizes["Y"] == PixelSize(200.0, "nanometer")
        assert image.channel_names == (("DAPI", "GFP") if "C" in axes else None)
        assert open_image(path).axes == axes


def test_a_few_regions_come_from_all_over_the_image(tmp_path):
    pixels = np.arange(4 * 64 * 64, dtype=np.float32).reshape(4, 64, 64)
    zarr.create_array(tmp_path / "a.zarr", data=pixels)
    image = open_image(tmp_path / "a.zarr", "TYX")
    regions = list(image.some_regions(at_most=8, size=16))
    assert [region.shape for region in regions] == [(16, 16, 1)] * 8
    assert {int(region.min()) // 4096 for region in regions} == {0, 1, 2, 3}
    assert sum(len(one) for one in image.some_regions(at_most=100, size=48)) == 4 * 2 * (48 + 16)


def test_a_plain_zarr_array_wants_axes(tmp_path):
    pixels = _pixels("TYX")
    zarr.create_array(tmp_path / "plain", data=pixels)
    with pytest.raises(InputError, match="does not say what its axes are"):
        open_image(tmp_path / "plain")
    _assert_regions_equal(open_image(tmp_path / "plain", "tyx"), pixels, "TYX")
    zarr.create_array(tmp_path / "named", data=pixels, dimension_names=["t", "y", "x"])
    assert open_image(tmp_path / "named").axes == "TYX"


def test_a_collection_of_one_image_is_that_image(tmp_path):
    zarr.create_group(tmp_path / "a").attrs.update({"ome": {"bioformats2raw.layout": 3}})
    write_ome_zarr(tmp_path / "a" / "0", _pixels("YX"), "YX", "0.5")
    assert open_image(tmp_path / "a").size == (70, 93)
    write_ome_zarr(tmp_path / "a" / "1", _pixels("YX"), "YX", "0.5")
    with pytest.raises(InputError, match="several images"):
        open_image(tmp_path / "a")


def _bad(folder):
    zarr.create_group(folder / "group.zarr")
    (folder / "broken.zarr").mkdir()
    (folder / "broken.zarr" / "zarr.json").write_text("{")
    write_ome_zarr(folder / "no-axes.zarr", _pixels("YX"), "YX", "0.5")
    group = zarr.open_group(folder / "no-axes.zarr")
    group.attrs.update({"ome": {"multiscales": [{"datasets": [{"path": "s0"}]}]}})
    zarr.create_array(folder / "bool.zarr", data=np.ones((8, 8), bool), dimension_names=["y", "x"])
    tifffile.imwrite(folder / "rgb.tif", np.zeros((32, 32, 3), np.uint8), photometric="rgb")
    tifffile.imwrite(folder / "cut.tif", np.zeros((32, 32), np.uint8))
    (folder / "cut.tif").write_bytes((folder / "cut.tif").read_bytes()[:60])
    (folder / "a.txt").write_text("text")
    (folder / "empty").mkdir()


@pytest.mark.parametrize(
    ("name", "axes", "message"),
    [
        ("group.zarr", None, "not an OME-Zarr image"),
        ("broken.zarr", None, "metadata is damaged"),
        ("no-axes.zarr", None, "metadata is damaged"),
        ("bool.zarr", None, "not real numbers"),
        ("bool.zarr", "TYX", "do not fit"),
        ("rgb.tif", None, "colour"),
        ("cut.tif", None, "damaged, truncated"),
        ("a.txt", None, "read in parts"),
        ("empty", None, "read in parts"),
        ("missing.zarr", None, "no such file"),
    ],
)
def test_what_is_not_an_image_is_refused(tmp_path, name, axes, message):
    _bad(tmp_path)
    with pytest.raises(InputError, match=message):
        open_image(tmp_path / name, axes)


def test_nan_and_damaged_chunks_are_named_with_their_place(tmp_path):
    pixels = np.zeros((64, 64), np.float32)
    pixels[40, 50] = np.nan
    write_ome_zarr(tmp_path / "a.zarr", pixels, "YX", "0.5")
    image = open_image(tmp_path / "a.zarr")
    image.read(0, slice(0, 32), slice(0, 64))
    with pytest.raises(InputError, match=r"NaN.*plane 0, rows 32 to 63, columns 32 to 63"):
        image.read(0, slice(32, 64), slice(32, 64))
    (tmp_path / "a.zarr" / "s0" / "c" / "1" / "0").write_bytes(b"rubbish")
    with pytest.raises(InputError, match=r"damaged.*rows 32"):
        image.read(0, slice(32, 64), slice(0, 32))
