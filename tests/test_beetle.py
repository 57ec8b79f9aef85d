import numpy as np

from experiments import beetle

_TEXT = (
    "“No room!—Full up!”\n\nHe banged the door in my face.\n\n"
    "To have tramped about all day looking for work;\nto have begged even for a job.\n\nIn vain."
)


def _book(tmp_path):
    file = tmp_path / "book.txt"
    file.write_text(_TEXT, encoding="utf-8")
    return beetle.book(file)


def test_the_text_is_split_between_paragraphs_and_none_is_lost(tmp_path):
    training, validation = _book(tmp_path)
    assert training + validation == [" ".join(one.split()) for one in _TEXT.split("\n\n")]
    assert len(training) == 2


def test_pages_hold_the_whole_text_in_lines_that_fit(tmp_path):
    training, validation = _book(tmp_path)
    paragraphs = training + validation
    pages = beetle.pages(paragraphs)
    printed = " ".join(text for page in pages for text in page.texts)
    assert printed.replace("— ", "—") == " ".join(paragraphs)
    for page in pages:
        assert page.image.shape == (128, 128)
        assert page.image.dtype == np.uint8
        # the margin is white: no line is cut off
        assert page.image[:, -beetle.MARGIN + 1 :].min() == 255
        assert page.image[: beetle.MARGIN].min() == page.image[-beetle.MARGIN + 1 :].min() == 255
        for top, bottom in page.rows:
            assert page.image[top:bottom].min() < 50
    assert len(beetle.pages(paragraphs, limit=1)) == 1


def test_a_word_longer_than_a_line_is_broken():
    word = "incomprehensibilities" * 2
    (page,) = beetle.pages([word])
    assert len(page.texts) > 2
    assert "".join(page.texts) == word


def test_noise_is_fixed_strong_and_not_clipped():
    white = np.full((200, 200), 255, np.uint8)
    noisy = beetle.noisy(white, seed=1)
    assert noisy.dtype == np.float32
    assert np.array_equal(noisy, beetle.noisy(white, seed=1))
    assert not np.array_equal(noisy, beetle.noisy(white, seed=2))
    # 40,000 draws: four standard errors
    assert abs(noisy.mean() - 255) < 4 * 255 / 200
    assert abs(noisy.std() - 255) < 4 * 255 / (200 * 2**0.5)
    assert noisy.min() < -255


def test_typographic_signs_are_compared_as_typed_ones():
    assert beetle.plain("“No—it’s…”") == '"No-it\'s..."'
