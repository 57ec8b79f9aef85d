import logging

import numpy as np
import pytest
import tifffile
from helpers.tiff_files import ome_xml, write_micro_manager, write_ome, write_set

from divnoising_tf.data import image_files, patches, read_images

PLANES = np.random.default_rng(0).integers(0, 4000, (12, 24, 32)).astype(np.uint16)


def test_the_planes_of_a_set_are_read_once_and_in_order(tmp_path, caplog):
    paths = write_set(tmp_path, PLANES)
    tifffile.imwrite(tmp_path / "z.tif", PLANES, metadata={"axes": "TYX"})
    with caplog.at_level(logging.INFO):
        images = read_images(tmp_path)
    assert [image.name for image in images] == ["t0.ome.tif", "z.tif"]
    np.testing.assert_array_equal(images[0].array, PLANES)
    told = [record.getMessage() for record in caplog.records]
    assert told == [
        "t0.ome.tif and 11 other file(s) are one image, whose results are named after the first."
    ]
    # as a shell gives them, in another order and in part
    assert image_files([paths[10], paths[2]]) == [paths[10]]
    train, _ = patches(paths, 8, 2, validation_fraction=0)
    assert int(train.cardinality()) == 12 * 3 * 4 // 2


def test_images_of_a_set_that_are_apart_are_all_read(tmp_path):
    write_set(tmp_path, PLANES, images=3)
    images = read_images(tmp_path)
    assert [image.name for image in images] == ["t0.ome.tif", "t4.ome.tif", "t8.ome.tif"]
    np.testing.assert_array_equal(np.concatenate([image.array for image in images]), PLANES)


def test_files_that_only_point_to_the_one_that_knows_all_are_read_with_it(tmp_path):
    files = [(f"{name}.ome.tif", f"urn:uuid:{name}") for name in ("a", "b", "master")]
    pointing = (
        '<?xml version="1.0" encoding="UTF-8"?><OME UUID="{}" '
        'xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><BinaryOnly '
        'MetadataFile="master.ome.tif" UUID="urn:uuid:master"/></OME>'
    )
    for (name, identifier), plane in zip(files, PLANES, strict=False):
        if "master" in name:
            write_ome(tmp_path / name, plane, ome_xml(PLANES, files, own=identifier))
        else:
            write_ome(tmp_path / name, plane, pointing.format(identifier))
    (image,) = read_images(tmp_path)
    assert image.name == "master.ome.tif"
    np.testing.assert_array_equal(image.array, PLANES[:3])


def test_copies_and_broken_files_stay(tmp_path):
    for name in ("one.ome.tif", "two.ome.tif"):
        tifffile.imwrite(tmp_path / name, PLANES)
    (tmp_path / "three.tif").write_text("not an image")
    assert len(image_files(tmp_path)) == 3
    assert len(image_files([tmp_path / "one.ome.tif"] * 2)) == 2


def test_a_stack_of_micro_manager_in_several_files_is_read_once(tmp_path):
    write_micro_manager(tmp_path / "a_MMStack.ome.tif", PLANES[:7], frames=12)
    write_micro_manager(tmp_path / "a_MMStack_1.ome.tif", PLANES[7:], frames=12, first_frame=7)
    with pytest.warns(UserWarning, match="all its planes are there"):
        (image,) = read_images(tmp_path)
    assert image.name == "a_MMStack.ome.tif"
    np.testing.assert_array_equal(image.array, PLANES)
