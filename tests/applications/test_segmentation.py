import itertools

import numpy as np
import pytest
from applications.cells import membranes, nuclei

from divnoising_tf.applications import (
    Segmentation,
    jaccard,
    match_cells,
    segment,
    segment_samples,
)
from divnoising_tf.errors import InputError


@pytest.mark.parametrize("size", [(96, 101), (97, 64)])
def test_cells_between_membranes_are_found(size):
    image, truth = membranes(size)
    labels = segment(image)
    assert match_cells(truth, labels, 0.7).f1 == 1
    assert jaccard(truth, labels) > 0.85
    assert sorted(np.unique(labels)) == list(range(truth.max() + 1))


@pytest.mark.parametrize("radius", [7, 11])
def test_nuclei_are_found_also_if_wider_than_the_disk(radius):
    image, truth = nuclei(radius=radius)
    labels = segment(image, bright="nuclei", radius=8)
    assert match_cells(truth, labels, 0.9).f1 == 1


def test_brightness_and_contrast_do_not_matter():
    image, _ = membranes()
    assert np.array_equal(segment(image), segment(1000 + 7 * image.astype(np.float32)))
    counts = np.round(image).astype(np.uint16)
    assert np.array_equal(segment(counts), segment(counts.astype(float) - 50))


def test_offset_ignores_texture_of_cells(rng):
    image, truth = membranes()
    textured = image + rng.normal(0, 2, image.shape)
    with_offset = segment(textured, offset=12)
    assert match_cells(truth, with_offset).f1 == 1
    assert match_cells(truth, segment(textured, smallest_cell=1)).f1 < 0.8


def test_lines_of_one_pixel_part_cells_along_the_border_too():
    image = np.zeros((31, 40))
    image[:, 10] = image[12, 10:] = 100
    labels = segment(image, radius=4)
    assert labels.max() == 3
    assert (labels == 0).sum() == 31 + 29
    # a diagonal has gaps for 8 neighbours but not for 4
    assert segment(np.eye(31) * 100.0, radius=4).max() == 2


def test_loose_ends_part_nothing():
    image = np.zeros((31, 31))
    image[15, 5:20] = 100
    assert np.array_equal(segment(image, radius=4), np.ones((31, 31)))


def test_small_cells_are_dropped():
    image, truth = nuclei()
    image[0, 0] = 300
    assert segment(image, bright="nuclei", smallest_cell=2).max() == truth.max()
    assert segment(image, bright="nuclei", smallest_cell=1).max() == truth.max() + 1
    assert segment(image, bright="nuclei", smallest_cell=1000).max() == 0


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (5, 3), (40, 41)])
def test_nothing_in_an_image(shape):
    flat = np.full(shape, 123.4, np.float32)
    assert segment(flat, bright="nuclei").shape == shape
    assert segment(flat, bright="nuclei").max() == 0
    # without membranes all is one cell
    assert np.array_equal(segment(flat, smallest_cell=1), np.ones(shape))


def test_flat_ground_beside_structure_is_not_bright():
    image = np.full((120, 120), 5.3)
    image[:20, :20] = 1e4
    mask = Segmentation(bright="nuclei").bright_pixels(image)
    assert not mask[60:, 60:].any()


def test_the_mean_is_over_a_disk():
    image = np.random.default_rng(0).normal(100, 10, (20, 23))
    y, x = np.mgrid[-4:5, -4:5]
    window = image[6:15, 8:17][y**2 + x**2 <= 16]
    for offset in (image[10, 12] - window.mean() - 1e-3, image[10, 12] - window.mean() + 1e-3):
        mask = Segmentation(radius=4, offset=offset).bright_pixels(image)
        assert mask[10, 12] == (image[10, 12] > window.mean() + offset)


def test_samples_come_from_a_stack_or_one_after_the_other():
    image, _ = membranes()
    stack = np.stack([image, image[::-1]])
    from_stack = list(segment_samples(stack, radius=12))
    endless = itertools.cycle(stack)
    for labels, again in zip(from_stack, segment_samples(endless, radius=12), strict=False):
        assert np.array_equal(labels, again)
    assert np.array_equal(from_stack[1], segment(image[::-1], radius=12))


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (np.zeros((2, 3, 4)), "one plane"),
        (np.zeros((0, 4)), "one plane"),
        (np.full((4, 4), np.nan), "finite"),
        (np.zeros((4, 4), complex), "finite"),
    ],
)
def test_bad_images_are_refused(image, message):
    with pytest.raises(InputError, match=message):
        segment(image)


@pytest.mark.parametrize(
    "settings", [{"bright": "walls"}, {"radius": 0}, {"smallest_cell": -1}, {"offset": np.nan}]
)
def test_settings_without_a_meaning_are_refused(settings):
    with pytest.raises(InputError, match=r"not known|no meaning"):
        segment(np.zeros((4, 4)), **settings)
