from itertools import pairwise

import numpy as np
import pytest
from helpers.printed_text import LINES, printed

from divnoising_tf.applications.text_lines import find_lines, line_picture
from divnoising_tf.errors import InputError


@pytest.mark.parametrize("step", [20, 30])
def test_printed_lines_are_found_where_they_are(step):
    page = printed(LINES, step=step)
    found = find_lines(page)
    assert len(found) == len(LINES)
    for number, (top, bottom) in enumerate(found):
        middle = step * (number + 0.5)
        assert top < middle - 6
        assert bottom > middle + 6
        assert abs((top + bottom) / 2 - middle) < 4


def test_short_lines_and_empty_space_between():
    lines = ["A line as long as they come,", "no.", "", "", "And its last."]
    found = find_lines(printed(lines))
    assert [round((top + bottom) / 2 / 20 - 0.5) for top, bottom in found] == [0, 1, 4]


def test_lines_do_not_overlap_and_bright_text_is_text():
    page = printed(LINES)
    found = find_lines(page)
    assert all(above[1] <= below[0] for above, below in pairwise(found))
    assert find_lines(255 - page.astype(int)) == found
    assert find_lines(3.5 * page + 1000.0) == found


def test_a_little_noise_does_not_matter(rng):
    page = printed(LINES)
    assert len(find_lines(page + rng.normal(0, 20, page.shape))) == len(LINES)


def test_an_empty_page_has_no_lines():
    assert find_lines(np.full((50, 50), 7.0)) == []


def test_a_line_is_cut_out_black_on_white_at_the_size_of_print():
    page = np.full((40, 60), 10.0)
    page[10:20, 20:40] = 110.0
    picture = line_picture(page, (5, 25), levels=(110.0, 10.0))
    assert picture.dtype == np.uint8
    # 20 x 60 pixels made 50 x 150, and a margin of 12
    assert picture.shape == (74, 174)
    assert picture[0, 0] == 255
    assert picture[37, 87] == 0
    # as much ink as before
    assert (picture < 128).sum() == pytest.approx(200 * 2.5**2, rel=0.02)
    assert line_picture(page, (30, 40), levels=(110.0, 10.0)) is None


def test_bad_images_and_rows_are_refused():
    with pytest.raises(InputError, match=r"images \(y, x\)"):
        find_lines(np.zeros((2, 2, 2, 2)))
    with pytest.raises(InputError, match="not finite"):
        find_lines(np.full((5, 5), np.nan))
    with pytest.raises(InputError, match="within the image"):
        line_picture(np.zeros((5, 5)), (2, 6), levels=(0.0, 1.0))
