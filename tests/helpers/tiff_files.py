"""TIFF files as other programs write them: images in several files, stacks of Micro-Manager."""

import json
import struct

import numpy as np
import tifffile

_OME = "http://www.openmicroscopy.org/Schemas/OME/2016-06"


def write_plain(path, *arrays, **options):
    """Write series one after the other, without any description."""
    with tifffile.TiffWriter(path) as file:
        for array in arrays:
            file.write(array, metadata=None, photometric="minisblack", **options)


def write_ome(path, plane, xml):
    """Write one plane (y, x) with an OME-XML as its description."""
    tifffile.imwrite(path, plane, description=xml.encode(), metadata=None)


def ome_xml(planes, *images, own=None):
    """Return an OME-XML, of uint16.

    Args:
        planes: (t, y, x), of every image.
        images: for each a list of the files of its planes, a name and an identifier each.
        own: the identifier of the file that it is written to.
    """
    of_images = []
    for number, files in enumerate(images):
        data = "".join(
            f'<TiffData FirstT="{t}" IFD="0" PlaneCount="1">'
            f'<UUID FileName="{name}">{identifier}</UUID></TiffData>'
            for t, (name, identifier) in enumerate(files)
        )
        of_images.append(
            f'<Image ID="Image:{number}"><Pixels ID="Pixels:{number}" DimensionOrder="XYZCT" '
            f'Type="uint16" SizeX="{planes.shape[2]}" SizeY="{planes.shape[1]}" SizeZ="1" '
            f'SizeC="1" SizeT="{len(files)}"><Channel ID="Channel:{number}:0" '
            f'SamplesPerPixel="1"/>{data}</Pixels></Image>'
        )
    uuid = f' UUID="{own}"' if own else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><OME xmlns="{_OME}"{uuid}>'
        f"{''.join(of_images)}</OME>"
    )


def write_set(folder, planes, images=1):
    """Write planes (t, y, x) as one OME-TIFF in as many files, named t0.ome.tif and so on.

    With more images than one, each has as many planes in a row.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = [(f"t{t}.ome.tif", f"urn:uuid:{t:032d}") for t in range(len(planes))]
    parts = [[*some] for some in np.array_split(np.arange(len(planes)), images)]
    for (name, identifier), plane in zip(files, planes, strict=True):
        xml = ome_xml(planes, *([files[t] for t in part] for part in parts), own=identifier)
        write_ome(folder / name, plane, xml)
    return [folder / name for name, _ in files]


def write_micro_manager(path, planes, frames, first_frame=0):
    """Write planes (t, y, x) as Micro-Manager does: pages, and an index of them.

    Args:
        path: its name holds "_MMStack".
        planes: uint16.
        frames: how many the description says that there are.
        first_frame: number of the first of them.
    """
    summary = json.dumps(
        {
            "MicroManagerVersion": "2.0",
            "Frames": frames,
            "Slices": 1,
            "Channels": 1,
            "Positions": 1,
            "Prefix": path.name.split("_MMStack")[0],
        }
    ).encode()
    height, width = planes.shape[1:]
    first = 40 + len(summary)
    # a plane: 10 tags of 12 bytes, their number, the next page, the resolution as in such files
    tags, before_pixels = 10, 162
    step = before_pixels + planes[0].nbytes
    offsets = [first + number * step for number in range(len(planes))]
    index_at = first + len(planes) * step
    head = struct.pack("<2sHI", b"II", 42, first)
    head += struct.pack("<8I", 54773648, index_at, 0, 0, 0, 0, 2355492, len(summary))
    content = [head, summary]
    for number, (offset, plane) in enumerate(zip(offsets, planes, strict=True)):
        pixels_at = offset + before_pixels
        entries = [
            (256, 4, 1, width),
            (257, 4, 1, height),
            (258, 3, 1, 16),
            (259, 3, 1, 1),
            (262, 3, 1, 1),
            (273, 4, 1, pixels_at),
            (277, 3, 1, 1),
            (278, 3, 1, height),
            (279, 4, 1, plane.nbytes),
            (51123, 2, 8, offset + 130),
        ]
        after = offsets[number + 1] if number + 1 < len(planes) else 0
        page = struct.pack("<H", tags) + b"".join(struct.pack("<HHII", *one) for one in entries)
        page += struct.pack("<I", after)
        page = page.ljust(130, b"\0") + b"{     }\0"
        content += [page.ljust(before_pixels, b"\0"), plane.astype("<u2").tobytes()]
    index = [(0, 0, first_frame + number, 0, one) for number, one in enumerate(offsets)]
    content.append(struct.pack("<2I", 3453623, len(index)))
    content += [struct.pack("<5I", *one) for one in index]
    path.write_bytes(b"".join(content))
