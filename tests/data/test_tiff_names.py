import json
import os
import struct

import numpy as np
import pytest
import tifffile
from helpers.tiff_files import ome_xml, write_ome, write_set

from divnoising_tf.data import image_files, read_image
from divnoising_tf.errors import InputError
from divnoising_tf.large import open_image

PLANES = np.random.default_rng(0).integers(0, 4000, (2, 24, 32)).astype(np.uint16)
OWN = ("a.ome.tif", "urn:uuid:0")


def _write(folder, name):
    """Write an OME-TIFF that says its second plane lies in a file of this name."""
    xml = ome_xml(PLANES, [OWN, (name, "urn:uuid:1")], own=OWN[1])
    write_ome(folder / OWN[0], PLANES[0], xml)
    return folder / OWN[0]


def _watched(monkeypatch):
    """Return a list to which the name of every file that tifffile opens is added."""
    opened, handle = [], tifffile.TiffFile.__init__

    def init(self, file, *arguments, **options):
        opened.append(os.path.basename(os.fspath(file)))
        handle(self, file, *arguments, **options)

    monkeypatch.setattr(tifffile.TiffFile, "__init__", init)
    return opened


def _hostile(folder):
    outside = folder.parent / "outside.ome.tif"
    tifffile.imwrite(outside, PLANES[1])
    (folder / "sub").mkdir()
    tifffile.imwrite(folder / "sub" / "b.ome.tif", PLANES[1])
    os.mkfifo(folder / "pipe.ome.tif")
    (folder / "device.ome.tif").symlink_to("/dev/zero")
    return {
        "absolute": str(outside),
        "above": "../outside.ome.tif",
        "below": "sub/b.ome.tif",
        "backslash": "..\\outside.ome.tif",
        "drive": "C:outside.ome.tif",
        "network": "\\\\server\\share\\b.ome.tif",
        "device": "/dev/zero",
        "address": "http://localhost:1/b.ome.tif",
        "file address": f"file://{outside}",
        "itself": ".",
        "nothing": "",
        "pipe": "pipe.ome.tif",
        "link": "device.ome.tif",
        "folder": "sub",
        "long": "b" * 5000,
    }


@pytest.mark.parametrize(
    "kind",
    [
        *("absolute", "above", "below", "backslash", "drive", "network", "device", "address"),
        *("file address", "itself", "nothing", "pipe", "link", "folder", "long"),
    ],
)
def test_a_name_that_leads_elsewhere_is_refused_and_not_opened(tmp_path, monkeypatch, kind):
    folder = tmp_path / "images"
    folder.mkdir()
    path = _write(folder, _hostile(folder)[kind])
    opened = _watched(monkeypatch)
    for reader in (read_image, open_image):
        with pytest.raises(InputError, match="not beside it"):
            reader(path)
    assert image_files([path]) == [path]
    assert set(opened) == {path.name}


def test_a_file_that_is_not_there_is_missing(tmp_path):
    with pytest.raises(InputError, match=r"without b.ome.tif \(1 of 2 planes"):
        read_image(_write(tmp_path, "b.ome.tif"))


def test_a_file_may_call_itself_what_it_likes(tmp_path):
    xml = ome_xml(PLANES, [("/elsewhere/C:\\old name.tif", "urn:uuid:0")], own="urn:uuid:0")
    write_ome(tmp_path / "renamed.ome.tif", PLANES[0], xml)
    np.testing.assert_array_equal(read_image(tmp_path / "renamed.ome.tif").array, PLANES[0])


def test_links_beside_an_image_to_ordinary_files_are_followed(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "linked").mkdir()
    for path in write_set(tmp_path / "real", PLANES):
        (tmp_path / "linked" / path.name).symlink_to(path)
    image = read_image(tmp_path / "linked" / "t0.ome.tif")
    np.testing.assert_array_equal(image.array, PLANES)


def test_an_index_of_ndtiff_names_files_beside_it_alone(tmp_path):
    summary = json.dumps({}).encode()
    path = tmp_path / "a_NDTiffStack.tif"
    # a page in which only the mark of Micro-Manager matters, behind the head of NDTiff 3
    head = struct.pack("<2sHI4I", b"II", 42, 100, 483729, 3, 0, 2355492)
    head += struct.pack("<I", len(summary)) + summary
    entries = [(256, 4, 1, 8), (257, 4, 1, 8), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1)]
    entries += [(273, 4, 1, 300), (277, 3, 1, 1), (278, 3, 1, 8), (279, 4, 1, 64)]
    entries += [(51123, 2, 8, 290)]
    page = struct.pack("<H", len(entries))
    page += b"".join(struct.pack("<HHII", *one) for one in entries) + struct.pack("<I", 0)
    page = page.ljust(190, b"\0") + b"{     }\0".ljust(10, b"\0")
    path.write_bytes(head.ljust(100, b"\0") + page + bytes(range(64)))
    index = b""
    for number, name in enumerate((path.name, "/dev/zero")):
        axes, name = json.dumps({"time": number}).encode(), name.encode()
        index += struct.pack("<I", len(axes)) + axes + struct.pack("<I", len(name)) + name
        index += struct.pack("<8i", 300, 8, 8, 0, 0, 0, 0, 0)
    (tmp_path / "NDTiff.index").write_bytes(index)
    with pytest.raises(InputError, match="not beside it"):
        read_image(path)
