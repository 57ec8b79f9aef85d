import numpy as np
import pytest
from helpers.tiff_files import ome_xml, write_ome

from divnoising_tf.data import image_files, read_image
from divnoising_tf.errors import InputError
from divnoising_tf.large import open_image

PLANES = np.random.default_rng(0).integers(0, 4000, (1, 24, 32)).astype(np.uint16)
XML = ome_xml(PLANES, [("a.ome.tif", "urn:uuid:0")], own="urn:uuid:0")
_MODULO = (
    '<StructuredAnnotations><XMLAnnotation ID="A" Namespace="openmicroscopy.org/omero/dimension/'
    'modulo"><Value><Modulo><ModuloAlongT Type="phase" Start="0" End="1e9" Step="1"/></Modulo>'
    "</Value></XMLAnnotation></StructuredAnnotations></OME>"
)


@pytest.mark.parametrize(
    ("part", "instead"),
    [
        ('SizeT="1"', 'SizeT="1000000000"'),
        ('SizeZ="1"', 'SizeZ="1000000000"'),
        ('PlaneCount="1"', 'PlaneCount="1000000000"'),
        ('IFD="0" PlaneCount="1"', 'IFD="0" NumPlanes="1000000000"'),
        ('IFD="0"', 'IFD="99999999999999999999"'),
        ('FirstT="0"', 'FirstT="1000000000"'),
        ("</OME>", _MODULO),
    ],
)
def test_more_planes_than_bytes_are_refused_before_there_is_room_for_them(tmp_path, part, instead):
    assert part in XML
    path = tmp_path / "a.ome.tif"
    write_ome(path, PLANES[0], XML.replace(part, instead))
    for reader in (read_image, open_image):
        with pytest.raises(InputError, match="more planes than can be in its files"):
            reader(path)
    assert image_files([path]) == [path]


@pytest.mark.parametrize(
    ("part", "instead"),
    [
        ('SizeT="1"', 'SizeT="many"'),
        ('SizeT="1"', 'SizeT="-1"'),
        ('SizeX="32"', 'SizeX="0"'),
        ('PlaneCount="1"', 'PlaneCount="-3"'),
        ('IFD="0"', 'IFD="-1"'),
        ('DimensionOrder="XYZCT"', ""),
        ("</OME>", ""),
        ("<OME", '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><OME>&x;</OME><OME'),
    ],
)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_nonsense_is_refused_or_its_planes_are_read(tmp_path, part, instead):
    assert part in XML
    path = tmp_path / "a.ome.tif"
    write_ome(path, PLANES[0], XML.replace(part, instead))
    for reader in (read_image, open_image):
        try:
            image = reader(path)
        except InputError:
            continue
        pixels = image.array if reader is read_image else image.pixels[:, :]
        np.testing.assert_array_equal(pixels, PLANES[0])
