"""Nothing of an image's scale is lost: every kind of input, every command, every format."""

import importlib

import pytest
import tifffile
from helpers.seen_metadata import seen_metadata

zarr = pytest.importorskip("zarr")

NM, UM, CM, INCH = 1e-9, 1e-6, 1e-2, 0.0254


def _imagej(path, pixels, axes, resolution, **metadata):
    options = {"imagej": True, "photometric": "minisblack", "resolution": resolution}
    tifffile.imwrite(path, pixels, **options, metadata={"axes": axes, **metadata})


def _movie(folder, pixels):
    """A movie of stacks as Fiji saves it: micrometers, spacing, interval, brightness set."""
    _imagej(
        folder / "in.tif",
        pixels.reshape(2, 3, *pixels.shape[1:]),
        "TZYX",
        (1 / 0.1625, 1 / 0.325),
        **{"unit": "\\u00B5m", "spacing": 0.3, "finterval": 1.5, "min": 60.0, "max": 190.0},
    )
    sizes = {"X": 0.1625 * UM, "Y": 0.325 * UM, "Z": 0.3 * UM, "T": 1.5}
    return "in.tif", "TZYX", sizes, "micrometer", None, [(60.0, 190.0)]


def _composite(folder, pixels):
    """Channels with names and ranges of their own, nanometers, an interval in minutes."""
    _imagej(
        folder / "in.tif",
        pixels.reshape(3, 2, *pixels.shape[1:]),
        "TCYX",
        (1 / 65, 1 / 65),
        **{"unit": "nm", "finterval": 2.0, "tunit": "min", "mode": "composite"},
        Labels=["DAPI", "GFP"] * 3,
        Ranges=(60.0, 190.0, 80.0, 150.0),
    )
    sizes = {"X": 65 * NM, "Y": 65 * NM, "T": 120.0}
    return "in.tif", "TCYX", sizes, "nanometer", ["DAPI", "GFP"], [(60.0, 190.0), (80.0, 150.0)]


def _ome(folder, pixels):
    """OME-TIFF that mixes units, as Bio-Formats converts some of them."""
    tifffile.imwrite(
        folder / "in.ome.tif",
        pixels.reshape(2, 3, *pixels.shape[1:]),
        ome=True,
        metadata={
            "axes": "CZYX",
            **{"PhysicalSizeX": 65, "PhysicalSizeXUnit": "nm"},
            **{"PhysicalSizeY": 0.07, "PhysicalSizeYUnit": "µm"},
            **{"PhysicalSizeZ": 0.2, "PhysicalSizeZUnit": "µm"},
            "Channel": {"Name": ["DAPI", "GFP"]},
        },
    )
    sizes = {"X": 65 * NM, "Y": 70 * NM, "Z": 200 * NM}
    return "in.ome.tif", "CZYX", sizes, "nanometer", ["DAPI", "GFP"], None


def _ome_movie(folder, pixels):
    """One channel with a name, and an interval in milliseconds."""
    metadata = {
        "axes": "TYX",
        **{"PhysicalSizeX": 0.5, "PhysicalSizeY": 0.5, "Channel": {"Name": "mCherry"}},
        **{"TimeIncrement": 250, "TimeIncrementUnit": "ms"},
    }
    tifffile.imwrite(folder / "in.ome.tif", pixels, ome=True, metadata=metadata)
    sizes = {"X": 0.5 * UM, "Y": 0.5 * UM, "T": 0.25}
    return "in.ome.tif", "TYX", sizes, "micrometer", ["mCherry"], None


def _plain(folder, pixels, unit, size, name):
    """A TIFF with nothing but resolution tags."""
    resolution = {"resolution": (1 / 0.0002, 1 / 0.0002), "resolutionunit": unit}
    tifffile.imwrite(folder / "in.tif", pixels[0], photometric="minisblack", **resolution)
    return "in.tif", "YX", {"X": 0.0002 * size, "Y": 0.0002 * size}, name, None, None


def _centimeters(folder, pixels):
    return _plain(folder, pixels, 3, CM, "centimeter")


def _inches(folder, pixels):
    return _plain(folder, pixels, 2, INCH, "inch")


def _zarr(folder, pixels, version):
    group = zarr.create_group(folder / "in.zarr", zarr_format={"0.4": 2, "0.5": 3}[version])
    group.create_array("0", data=pixels.reshape(3, 2, 1, *pixels.shape[1:]))
    kinds = {"t": ("time", "minute"), "c": ("channel", None)}
    axes = []
    for name in "tczyx":
        kind, unit = kinds.get(name, ("space", "nanometer"))
        axes.append({"name": name, "type": kind} | ({"unit": unit} if unit else {}))
    scale = {"type": "scale", "scale": [0.5, 1, 300, 65, 70]}
    image = {"axes": axes, "datasets": [{"path": "0", "coordinateTransformations": [scale]}]}
    windows = [(60.0, 190.0), (80.0, 150.0)]
    shown = [
        {"label": label, "window": {"min": 0, "max": 255, "start": start, "end": end}}
        for label, (start, end) in zip(("DAPI", "GFP"), windows, strict=True)
    ]
    content = {"multiscales": [image], "omero": {"channels": shown}}
    if version == "0.4":
        image["version"] = "0.4"
        group.attrs.update(content)
    else:
        group.attrs.update({"ome": {"version": "0.5", **content}})
    sizes = {"X": 70 * NM, "Y": 65 * NM, "Z": 300 * NM, "T": 30.0}
    return "in.zarr", "TCZYX", sizes, "nanometer", ["DAPI", "GFP"], windows


def _zarr_04(folder, pixels):
    return _zarr(folder, pixels, "0.4")


def _zarr_05(folder, pixels):
    return _zarr(folder, pixels, "0.5")


INPUTS = {
    "imagej": _movie,
    "imagej-channels": _composite,
    "ome": _ome,
    "ome-movie": _ome_movie,
    "centimeters": _centimeters,
    "inches": _inches,
    "zarr-0.4": _zarr_04,
    "zarr-0.5": _zarr_05,
}
ALL = ["mean", "uncertainty", "sample 1", "sample 2"]
EACH = {"mean": ALL[:1], "uncertainty": ALL[1:2], "samples": ALL[2:], "mode": ["mode"]}
# the options, and the results in each file
COMMANDS = {
    "folder": (("-o", "out", "--mode"), {"out/in_denoised.tif": [*ALL, "mode"]}),
    "folder-ome": (("-o", "out", "--format", "ome.tif"), {"out/in_denoised.ome.tif": ALL}),
    "separate": (
        ("-o", "out", "--separate", "--mode"),
        {f"out/in_{name}.tif": results for name, results in EACH.items()},
    ),
    "separate-ome": (
        ("-o", "out", "--separate", "--mode", "--format", "ome.tif"),
        {f"out/in_{name}.ome.tif": results for name, results in EACH.items()},
    ),
    "large-folder": (("-o", "out"), {"out/in_denoised.zarr": ALL}),
    "tif": (("-o", "out.tif"), {"out.tif": ALL}),
    "ome.tif": (("-o", "out.ome.tif"), {"out.ome.tif": ALL}),
    "zarr-0.4": (("-o", "out.zarr", "--ome-zarr", "0.4"), {"out.zarr": ALL}),
    "zarr-0.5": (("-o", "out.zarr", "--ome-zarr", "0.5"), {"out.zarr": ALL}),
}
IN_MEMORY = ("folder", "folder-ome", "separate", "separate-ome")
CASES = [
    (kind, command)
    for kind in INPUTS
    for command in COMMANDS
    if command not in (IN_MEMORY if kind.startswith("zarr") else ("large-folder",))
]
SHORT = {"micrometer": {"um", "µm"}, "nanometer": {"nm"}, "centimeter": {"cm"}, "inch": {"in"}}


def _named(results, names):
    return [f"{result}, {name}" if name else result for result in results for name in names]


@pytest.mark.parametrize(("kind", "command"), CASES)
def test_scale_and_names_are_those_of_the_image(files, run, tmp_path, monkeypatch, kind, command):
    monkeypatch.chdir(tmp_path)
    program = importlib.import_module("divnoising_tf.cli.denoise")
    monkeypatch.setattr(program, "load_model", lambda _: files.network)
    image, axes, sizes, unit, names, ranges = INPUTS[kind](tmp_path, files.array[:6])
    options, written = COMMANDS[command]
    common = ("--average", 2, "--samples", 2, "--channels-as-planes", "-m", files.model)
    done = run("denoise", image, *common, *options)
    assert done.exit_code == 0, done.output
    for path, results in written.items():
        seen = seen_metadata(tmp_path / path)
        assert set(seen.axes) - {"C"} == set(axes) - {"C"} - _left_out(path, kind)
        assert seen.sizes == pytest.approx(sizes, rel=1e-6)
        assert seen.unit in SHORT[unit] | {unit}
        assert seen.names == _named(results, names or [""])
        # OME-TIFF has no place for them
        if seen.ranges is None:
            continue
        assert len(seen.ranges) == len(seen.names)
        assert all(low < high for low, high in seen.ranges)
        for name, pair in zip(seen.names, seen.ranges, strict=True):
            channel = names.index(name.split(", ")[1]) if names else 0
            if ranges is not None:
                assert (pair == ranges[channel]) == ("uncertainty" not in name)


def _left_out(path, kind):
    """Return axes of one pixel, which tifffile does not tell."""
    return {"Z"} if "zarr" in kind and not path.endswith(".zarr") else set()
