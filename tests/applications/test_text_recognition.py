import importlib.util
import sys

import numpy as np
import pytest
from helpers.consumer_tools import missing, tool
from helpers.printed_text import LINES, printed, rows

from divnoising_tf.applications.text_errors import character_error_rate
from divnoising_tf.applications.text_recognition import Reading, read_lines
from divnoising_tf.applications.text_voting import read_samples
from divnoising_tf.errors import InputError

# enough lines for an error rate, read at once
_PAGE = (
    *LINES,
    "To have tramped about all day",
    "looking for work; to have begged",
    "even for a job which would give",
    "me money enough to buy food",
)


@pytest.fixture(scope="module")
def tesseract():
    tool("tesseract", "apt-get install tesseract-ocr")
    if importlib.util.find_spec("pytesseract") is None:
        missing("there is no pytesseract: pip install 'divnoising_tf[ocr]'")


def _texts(readings):
    return [reading.text for reading in readings]


@pytest.mark.usefixtures("tesseract")
class TestTesseract:
    def test_clean_print_is_read_with_few_errors_and_high_confidence(self):
        page = printed(_PAGE)
        (readings,) = read_lines(page, rows(_PAGE))
        assert character_error_rate(_PAGE, _texts(readings)) < 0.02
        assert all(0.6 < reading.confidence <= 1 for reading in readings)

    def test_lines_that_are_found_are_read_as_well(self):
        (readings,) = read_lines(printed(_PAGE, step=26))
        assert character_error_rate(_PAGE, _texts(readings)) < 0.02

    def test_units_and_polarity_of_the_image_do_not_matter_when_named(self):
        page = printed(LINES).astype(float)
        expected = _texts(read_lines(page, rows(LINES), levels=(0, 255))[0])
        inverted = 5000 - 10 * page
        assert _texts(read_lines(inverted, rows(LINES), levels=(5000, 2450))[0]) == expected

    def test_noise_raises_the_errors_and_voting_lowers_them(self, rng):
        page = printed(_PAGE)
        noisy = page + rng.normal(0, 100, (5, *page.shape))
        noisier = page + rng.normal(0, 300, page.shape)
        stack = np.concatenate([page[np.newaxis], noisy, noisier[np.newaxis]])
        readings = read_lines(stack, rows(_PAGE), levels=(0, 255))
        clean, *middle, worst = [character_error_rate(_PAGE, _texts(one)) for one in readings]
        assert clean < 0.02 < np.mean(middle) < worst
        voted = read_samples(noisy, lines=rows(_PAGE), levels=(0, 255))
        assert character_error_rate(_PAGE, voted) < np.mean(middle)

    def test_readings_stay_with_their_images_and_lines(self):
        first, second = printed(["door", "face"]), printed(["", "blow"])
        blank = np.full_like(first, 255)
        readings = read_lines(np.stack([first, blank, second]), rows([0, 1]), levels=(0, 255))
        assert [_texts(one) for one in readings] == [["door", "face"], ["", ""], ["", "blow"]]

    def test_a_language_that_is_not_there_is_refused(self):
        with pytest.raises(InputError, match="tesseract-ocr-deu"):
            read_lines(printed(LINES), language="klingon")


def test_blank_images_have_empty_readings():
    assert read_lines(np.full((2, 20, 30), 5.0), [(0, 20)]) == [[Reading()], [Reading()]]
    assert read_lines(np.full((20, 30), 5.0)) == [[]]


def test_a_missing_package_or_program_is_named(monkeypatch):
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "pytesseract", None)
        with pytest.raises(InputError, match=r"divnoising_tf\[ocr\]"):
            read_lines(printed(LINES))
    pytest.importorskip("pytesseract")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(InputError, match="apt-get install tesseract-ocr"):
        read_lines(printed(LINES))


def test_equal_levels_are_refused():
    with pytest.raises(InputError, match="must differ"):
        read_lines(printed(LINES), levels=(3, 3))
