from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from divnoising_tf.data import ImageMetadata, PixelSize, to_planes
from divnoising_tf.data.tiff_options import ORDER
from divnoising_tf.errors import InputError
from divnoising_tf.large import LazyImage
from divnoising_tf.large.layout import ZARR_ORDER, result_layout
from divnoising_tf.large.pyramid import halved


@st.composite
def _images(draw):
    """Images with any letters in any order, each pixel another number."""
    stacks = draw(st.sets(st.sampled_from("TZSC"), max_size=3))
    axes = "".join(draw(st.permutations(sorted({"Y", "X"} | stacks))))
    shape = tuple(draw(st.integers(1, 4)) for _ in axes)
    pixels = np.arange(np.prod(shape)).reshape(shape)
    sizes = {letter: PixelSize(float(place)) for place, letter in enumerate(axes)}
    return LazyImage(Path("image"), axes, shape, pixels.dtype, pixels, ImageMetadata(sizes))


@settings(max_examples=50, deadline=None)
@given(_images())
def test_planes_are_counted_as_in_memory(image):
    planes = to_planes(image.pixels, image.axes).array
    rows, columns = (slice(0, length) for length in image.size)
    for plane in range(image.planes):
        np.testing.assert_array_equal(image.read(plane, rows, columns), planes[plane])


@settings(max_examples=50, deadline=None)
@given(_images(), st.sampled_from((ZARR_ORDER, ORDER)), st.integers(0, 2))
def test_every_result_has_a_place_of_its_own_and_its_pixel_size(image, order, samples):
    if set("TZS") <= set(image.axes):
        with pytest.raises(InputError, match="no place"):
            result_layout(image, samples, order)
        return
    layout = result_layout(image, samples, order)
    assert [order.index(letter) for letter in layout.axes] == sorted(
        order.index(letter) for letter in layout.axes
    )
    results = np.zeros(layout.shape, int)
    rows, columns = (slice(0, length) for length in image.size)
    for plane in range(image.planes):
        for channel in range(image.channels):
            pixels = image.read(plane, rows, columns)[..., channel]
            results[layout.index(plane, channel, rows, columns)] = pixels + 1
            results[layout.index(plane, slice(image.channels, None), rows, columns)] -= 1
    assert (results != 0).all()
    assert len(layout.labels) == (2 + samples) * image.channels == layout.length("C")
    # the MMSE put back into the image's axes is the image
    stack = image.axes.replace("S", "Z" if "T" in image.axes else "T")
    mmse = np.moveaxis(results, layout.axes.index("C"), 0)[: image.channels]
    letters = "C" + layout.axes.replace("C", "")
    if "C" not in stack:
        mmse, letters = mmse[0], letters[1:]
    back = mmse.transpose([letters.index(letter) for letter in stack])
    np.testing.assert_array_equal(back - 1, image.pixels)
    for letter, own in zip(stack, image.axes, strict=True):
        assert layout.metadata.pixel_sizes[letter] == image.pixel_sizes[own]


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 9), st.integers(1, 9))
def test_half_the_resolution_has_the_same_mean_and_no_new_values(height, width):
    image = np.random.default_rng(height * 10 + width).normal(100, 20, (height, width))
    half = halved(image)
    assert half.shape == ((height + 1) // 2, (width + 1) // 2)
    assert image.min() - 1e-3 <= half.min() <= half.max() <= image.max() + 1e-3
    if height % 2 == width % 2 == 0:
        np.testing.assert_allclose(half.mean(), image.mean(), rtol=1e-6)
