"""The macros that make pictures: sizes, places and colours are as computed with NumPy."""

import numpy as np
import pytest
import tifffile
from fiji.macros.runner import call
from fiji.macros.stacks import HEIGHT, WIDTH, ZOOM, names, opened, planes, saved, write_stack
from scipy import stats

_GAP, _STRIP = 4, 19  # pixels between tiles, and of the name above each
TILE = (HEIGHT * ZOOM, WIDTH * ZOOM)
OVERLAY_ZOOM = 5


@pytest.fixture
def result(tmp_path):
    return write_stack(tmp_path / "cells result.tif", planes(), names())


@pytest.fixture
def noisy(tmp_path):
    rng = np.random.default_rng(9)
    image = rng.normal(planes()[0], 15).clip(0).astype(np.uint16)
    tifffile.imwrite(tmp_path / "cells.tif", image, imagej=True)
    return image


def picture_of(imagej, path, *lines):
    """Return the picture that a macro leaves as the current image, (y, x, 3)."""
    imagej.run(*lines, saved(path))
    return tifffile.imread(f"{path}.tif").astype(int)


def tile(montage, place, height=TILE[0], width=TILE[1], strip=_STRIP):
    top = strip + place // 4 * (height + strip + _GAP)
    left = _GAP + place % 4 * (width + _GAP)
    return montage[top : top + height, left : left + width]


def quantile(plane, fraction):
    """Return the count that is not exceeded by a fraction of the pixels, as the macros do."""
    return np.quantile(plane, fraction, method="inverted_cdf")


def grey(counts, reference):
    """Return counts as the grey levels of the range of a reference."""
    low, high = (quantile(reference, fraction) for fraction in (0.001, 0.999))
    return 255 * np.clip((counts - low) / (high - low), 0, 1)


def large(plane, zoom=ZOOM):
    return np.repeat(np.repeat(plane, zoom, axis=0), zoom, axis=1)


def assert_grey(picture, counts, reference):
    assert np.all(picture == picture[..., :1])
    np.testing.assert_allclose(picture[..., 0], grey(counts, reference), atol=2)


def test_montage_shows_all_but_the_uncertainty_in_one_range(imagej, result, noisy, tmp_path):
    montage = picture_of(
        imagej,
        tmp_path / "montage",
        opened(tmp_path / "cells.tif"),
        opened(result),
        call("montage", "input=[cells.tif]"),
    )
    assert montage.shape == (2 * (TILE[0] + _STRIP + _GAP), 4 * (TILE[1] + _GAP) + _GAP, 3)
    stack = planes()
    for place, plane in {0: noisy, 1: stack[0], 4: stack[2], 7: stack[5]}.items():
        assert_grey(tile(montage, place), large(plane), stack[2])
    # ImageJ's "Fire" grows from black over blue and red to white; its red never falls
    uncertainty, shown = large(stack[1]), tile(montage, 2)
    assert np.ptp(shown, axis=-1).max() > 200
    assert stats.spearmanr(shown[..., 0], uncertainty, axis=None).statistic > 0.9
    np.testing.assert_array_equal(shown[uncertainty == uncertainty.max()], 255)
    # a name above every tile, the key in the last place of the first row
    for row in (0, TILE[0] + _STRIP + _GAP):
        names_of_row = montage[row : row + _STRIP - 1].min(axis=(0, 2)) < 60
        assert names_of_row[: TILE[1]].any()
    assert tile(montage, 3).min() < 60
    assert tile(montage, 3)[:15].min() == 255


def test_montage_of_a_part_shows_the_same_part_of_the_input(imagej, result, noisy, tmp_path):
    montage = picture_of(
        imagej,
        tmp_path / "part",
        opened(tmp_path / "cells.tif"),
        "makeRectangle(1, 2, 5, 5);",
        opened(result),
        "makeRectangle(30, 10, 32, 16);",
        call("montage", "input=[cells.tif]"),
    )
    stack, part = planes(), np.s_[10:26, 30:62]
    shape = {"height": 16 * 8, "width": 32 * 8, "strip": 21}
    for place, plane in {0: noisy, 1: stack[0], 5: stack[3]}.items():
        shown = tile(montage, place, **shape)
        assert_grey(shown, large(plane[part], 8), stack[2][part])


def test_montage_without_input_and_with_two_samples(imagej, tmp_path):
    stack = write_stack(tmp_path / "two.tif", planes(2), names(2))
    montage = picture_of(imagej, tmp_path / "montage", opened(stack), call("montage", "input=none"))
    assert tile(montage, 0).min() == 255
    assert_grey(tile(montage, 5), large(planes(2)[3]), planes(2)[2])
    assert tile(montage, 6).min() == 255


def overlaid(stack, highest, opacity):
    """Return the colours of the overlay, (y, x, 3)."""
    heat = np.clip(stack[1] / highest, 0, 1)
    cover = opacity * heat**2
    under = grey(stack[0], stack[0]) * (1 - cover)
    return np.stack([under + 255 * cover, under + 255 * cover * (1 - heat), under], axis=-1)


@pytest.mark.parametrize(
    ("argument", "highest", "opacity"),
    [("opacity=80", None, 0.8), ("opacity=50 highest=4", 4.0, 0.5)],
)
def test_overlay_reddens_the_mean_by_the_uncertainty(imagej, tmp_path, argument, highest, opacity):
    # mean and uncertainty are enough: a package may give no samples
    stack = planes()[:2]
    path = write_stack(tmp_path / "moments.tif", stack, names(0))
    picture = picture_of(
        imagej, tmp_path / "overlay", opened(path), call("uncertainty_overlay", argument)
    )
    if highest is None:
        highest = quantile(stack[1], 0.999)
    expected = large(overlaid(stack, highest, opacity), OVERLAY_ZOOM)
    np.testing.assert_allclose(picture[: len(expected), : expected.shape[1]], expected, atol=2)


def test_overlay_has_a_legend_from_grey_to_red(imagej, result, tmp_path):
    picture = picture_of(
        imagej, tmp_path / "overlay", opened(result), call("uncertainty_overlay", "opacity=80")
    )
    height, width, size = HEIGHT * OVERLAY_ZOOM, WIDTH * OVERLAY_ZOOM, 11
    assert picture.shape == (height, width + 9 * size, 3)
    assert np.all(picture[:, width] == 255)
    bar = picture[4 * size : 15 * size, width + 2 * size]
    np.testing.assert_allclose(bar[-1], [127, 127, 127], atol=4)
    # 0.8 red over 0.2 of the middling grey, but for the bar's last step
    np.testing.assert_allclose(bar[0], [230, 26, 26], atol=8)
    assert np.all(np.diff(bar[:, 0]) <= 0)
    assert np.all(np.diff(bar[:, 2]) >= 0)
