import numpy as np
import pytest

from divnoising_tf.data import ImageMetadata, PixelSize
from divnoising_tf.data.display_range import display_range, with_display_ranges
from divnoising_tf.data.result_writing import joined


def test_what_cannot_be_true_of_the_image_is_left_out():
    claimed = ImageMetadata(
        {"T": PixelSize(2.0), "Z": PixelSize(0.3), "Y": PixelSize(-1.0), "X": PixelSize(np.inf)},
        ("DAPI", "GFP", "RFP"),
        {0: (0.0, 9.0), 1: (5.0, 5.0), 2: (0.0, 1.0)},
    )
    fitting = claimed.fitting("TCYX", (4, 2, 8, 9))
    assert fitting == ImageMetadata({"T": PixelSize(2.0)}, None, {0: (0.0, 9.0)})
    assert ImageMetadata({}, ("",)).fitting("YX", (8, 9)).channel_names is None


def test_a_range_of_all_integers_says_nothing():
    claimed = ImageMetadata({}, None, {0: (0.0, 65535.0), 1: (0.0, 255.0)})
    assert claimed.fitting("CYX", (2, 8, 9), np.uint16).display_ranges == {1: (0.0, 255.0)}
    assert claimed.fitting("CYX", (2, 8, 9), np.float32) == claimed


def test_names_are_without_signs_that_have_no_place_in_xml():
    assert ImageMetadata({}, ("DA\x00PI\n",)).fitting("YX", (8, 9)).channel_names == ("DAPI",)


def test_results_have_the_names_and_ranges_of_the_channels():
    metadata = ImageMetadata({"X": PixelSize(2.0)}, ("DAPI", "GFP"), {1: (3.0, 7.0)})
    results = metadata.of_results(["mean", "uncertainty"], 2)
    assert results.channel_names == (
        "mean, DAPI",
        "mean, GFP",
        "uncertainty, DAPI",
        "uncertainty, GFP",
    )
    assert results.display_ranges == {1: (3.0, 7.0)}
    assert results.pixel_sizes == metadata.pixel_sizes
    unnamed = ImageMetadata()
    assert unnamed.of_results(["mean"], 2).channel_names == ("mean, channel 1", "mean, channel 2")
    assert unnamed.of_results(["mean"], 1).channel_names == ("mean",)


def test_a_range_leaves_out_a_thousandth_and_those_that_are_known_stay():
    values = np.arange(10001.0)
    assert display_range(values) == pytest.approx((10, 9990))
    assert display_range(np.full(5, 3.0)) == (3.0, 4.0)
    image = np.stack([values, 2 * values]).reshape(2, 1, -1)
    known = with_display_ranges(ImageMetadata({}, None, {0: (1.0, 2.0)}), image, "CYX")
    assert known.display_ranges[0] == (1.0, 2.0)
    assert known.display_ranges[1] == pytest.approx((20, 19980))


@pytest.mark.parametrize(("axes", "letters"), [("TYX", "CTYX"), ("TCYX", "CTYX"), ("YXC", "CYX")])
def test_every_channel_of_every_result_is_a_channel(axes, letters):
    sizes = {"T": 4, "C": 2, "Y": 8, "X": 9}
    shape = tuple(sizes[letter] for letter in axes)
    images = [np.random.default_rng(n).random(shape) for n in range(3)]
    image, its_axes = joined(images, axes)
    assert its_axes == letters
    for number, one in enumerate(images):
        for channel in range(sizes["C"] if "C" in axes else 1):
            plane = np.take(one, channel, axes.index("C")) if "C" in axes else one
            place = number * sizes["C"] + channel if "C" in axes else number
            np.testing.assert_array_equal(image[place], plane)
