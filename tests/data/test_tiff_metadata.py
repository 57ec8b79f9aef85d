import hypothesis.strategies as st
import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings

from divnoising_tf.data import ImageMetadata, PixelSize, read_image, write_image

PIXELS = np.zeros((2, 3, 8, 9), np.uint16)
_SIZES = st.floats(1e-3, 1e3)
_SAME_FOLDER = HealthCheck.function_scoped_fixture


def _read(path, pixels=PIXELS, **options):
    tifffile.imwrite(path, pixels, photometric="minisblack", **options)
    return read_image(path).metadata


@pytest.mark.parametrize("suffix", [".tif", ".ome.tif"])
@settings(max_examples=25, deadline=None, suppress_health_check=[_SAME_FOLDER])
@given(
    sizes=st.fixed_dictionaries(dict.fromkeys("TZYX", _SIZES)),
    unit=st.sampled_from(["nanometer", "micrometer", "millimeter", "inch", "angstrom"]),
    low=st.floats(-1e5, 1e5),
    width=st.floats(1e-2, 1e5),
)
def test_what_is_written_is_read(tmp_path, suffix, sizes, unit, low, width):
    units = {"T": "second", "Z": unit, "Y": unit, "X": unit}
    written = ImageMetadata(
        {letter: PixelSize(size, units[letter]) for letter, size in sizes.items()},
        ("DAPI", "GFP"),
        {0: (low, low + width), 1: (low - 1, low + 2 * width)},
    )
    pixels = PIXELS.astype(np.float32)[:, :, np.newaxis].repeat(2, axis=2)
    write_image(tmp_path / f"a{suffix}", pixels, "TZCYX", metadata=written, overwrite=True)
    read = read_image(tmp_path / f"a{suffix}").metadata
    assert read.channel_names == written.channel_names
    for letter, size in written.pixel_sizes.items():
        assert read.pixel_sizes[letter].size == pytest.approx(size.size, rel=1e-8)
        assert read.pixel_sizes[letter].unit == size.unit
    # OME has no place for display ranges
    assert read.display_ranges == (written.display_ranges if suffix == ".tif" else {})


def test_imagej_has_one_unit_of_length_and_seconds(tmp_path):
    sizes = {
        "X": PixelSize(65.0, "nanometer"),
        "Y": PixelSize(0.07, "micrometer"),
        "Z": PixelSize(0.2, "micrometer"),
        "T": PixelSize(2.0, "minute"),
    }
    write_image(tmp_path / "a.tif", PIXELS, "TZYX", "uint16", metadata=ImageMetadata(sizes))
    with tifffile.TiffFile(tmp_path / "a.tif") as file:
        seen = file.imagej_metadata
        height = file.pages[0].tags["YResolution"].value
    assert (seen["unit"], seen["spacing"], seen["finterval"]) == ("nm", 200, 120)
    assert height[1] / height[0] == pytest.approx(70)


def test_units_that_ome_does_not_know_are_not_taken_for_micrometers(tmp_path):
    metadata = ImageMetadata({"X": PixelSize(2.0, "cubit"), "Y": PixelSize(2.0)})
    for name in ("a.tif", "a.ome.tif"):
        write_image(tmp_path / name, PIXELS[0, 0], metadata=metadata, dtype="uint16")
    with tifffile.TiffFile(tmp_path / "a.ome.tif") as file:
        assert "PhysicalSize" not in file.ome_metadata
    assert read_image(tmp_path / "a.tif").metadata.pixel_sizes == {}


def test_a_unit_of_its_own_stays_in_imagej(tmp_path):
    metadata = {"unit": "cubit", "axes": "TZYX"}
    read = _read(tmp_path / "a.tif", imagej=True, resolution=(2, 2), metadata=metadata)
    assert read.pixel_sizes["X"] == PixelSize(0.5, "cubit")
    write_image(tmp_path / "b.tif", PIXELS, "TZYX", "uint16", metadata=read)
    assert read_image(tmp_path / "b.tif").metadata.pixel_sizes["X"] == PixelSize(0.5, "cubit")


@pytest.mark.parametrize(
    ("resolution", "unit", "expected"),
    [
        ((20000, 20000), "CENTIMETER", PixelSize(0.00005, "centimeter")),
        ((600, 600), "INCH", PixelSize(1 / 600, "inch")),
        # what programs write that know nothing, as ImageJ has it
        ((72, 72), "INCH", None),
        ((1, 1), "NONE", None),
        ((0, 0), "CENTIMETER", None),
    ],
)
def test_resolution_tags_count_where_they_mean_something(tmp_path, resolution, unit, expected):
    read = _read(tmp_path / "a.tif", PIXELS[0, 0], resolution=resolution, resolutionunit=unit)
    assert read.pixel_sizes == ({} if expected is None else {"X": expected, "Y": expected})


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (["DAPI", "GFP"] * 3, ("DAPI", "GFP")),
        (["DAPI\nsome more", "GFP\nabout it"] * 3, ("DAPI", "GFP")),
        (["DAPI", "GFP", "DAPI", "GFP", "DAPI", "other"], None),
        (["c:1/2 t:1/3 - a", "c:2/2 t:1/3 - a"] * 3, None),
        (["1", "2"] * 3, None),
        (["1", "2", "3", "4", "5", "6"], None),
    ],
)
def test_labels_that_name_channels_are_names(tmp_path, labels, names):
    pixels = np.zeros((3, 2, 8, 9), np.uint16)
    metadata = {"axes": "TCYX", "Labels": labels}
    assert _read(tmp_path / "a.tif", pixels, imagej=True, metadata=metadata).channel_names == names


def test_names_may_have_any_letters(tmp_path):
    names = ("α-actinin & <GFP>", "DAPI, 405 nm")
    for name in ("a.tif", "a.ome.tif"):
        write_image(tmp_path / name, PIXELS[:, 0], "CYX", "uint16", names)
        assert read_image(tmp_path / name).metadata.channel_names == names


def test_nonsense_is_left_out(tmp_path):
    metadata = {"axes": "TZYX", "unit": "um", "spacing": "thick", "finterval": -1, "min": "dark"}
    read = _read(tmp_path / "a.tif", imagej=True, resolution=(5, 5), metadata=metadata)
    assert set(read.pixel_sizes) == {"X", "Y"}
    assert read.display_ranges == {}
    sizes = {"PhysicalSizeX": 0.25, "PhysicalSizeY": 0.5}
    tifffile.imwrite(tmp_path / "a.ome.tif", PIXELS[0], ome=True, metadata={"axes": "ZYX", **sizes})
    content = (tmp_path / "a.ome.tif").read_bytes()
    assert b'="0.25"' in content
    (tmp_path / "b.ome.tif").write_bytes(content.replace(b'="0.25"', b'="wide"'))
    assert set(read_image(tmp_path / "b.ome.tif").metadata.pixel_sizes) == {"Y"}
