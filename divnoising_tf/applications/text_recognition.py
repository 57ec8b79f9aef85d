"""Reads printed text in images with Tesseract, line by line, with its confidences."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from divnoising_tf.applications.text_lines import checked_images, find_lines, line_picture
from divnoising_tf.errors import InputError

_ONE_LINE = 7  # Tesseract's page segmentation mode
_DPI = 300
# Tesseract says 0 % of words in noise; one of them would take all weight from its line
_LEAST_CONFIDENCE = 0.005


class Word(NamedTuple):
    """A word and the confidence in it, 0 to 1."""

    text: str
    confidence: float


@dataclass(frozen=True)
class Reading:
    """What was recognised in one line; empty where nothing was.

    Args:
        words: from left to right.

    Example:
        >>> reading = Reading((Word("the", 0.9), Word("beetle", 0.6)))
        >>> reading.text, reading.confidence
        ('the beetle', 0.69)
        >>> Reading().text, Reading().confidence
        ('', 0.0)
    """

    words: tuple[Word, ...] = ()

    @property
    def text(self) -> str:
        """The words with one space between them."""
        return " ".join(word.text for word in self.words)

    @property
    def confidence(self) -> float:
        """Geometric mean over all characters: a short reading does not win by being short."""
        values = self.character_confidences
        return float(np.exp(np.mean(np.log(values)))) if len(values) and min(values) > 0 else 0.0

    @property
    def character_confidences(self) -> np.ndarray:
        """That of its word for every character of `text`; a space has the mean of two words'."""
        values: list[float] = []
        for number, word in enumerate(self.words):
            if number:
                values.append((self.words[number - 1].confidence + word.confidence) / 2)
            values += [word.confidence] * len(word.text)
        return np.array(values)


def read_lines(
    images: np.ndarray,
    lines: Sequence[tuple[int, int]] | None = None,
    levels: tuple[float, float] | None = None,
    language: str = "eng",
) -> list[list[Reading]]:
    """Read lines of printed text in one or several images of one page.

    Each line is enlarged to the height of print at 300 dpi and read by itself. Tesseract is
    started once for all of them.

    Args:
        images: (y, x), or (n, y, x) such as posterior samples; counts.
        lines: first row and row after the last of each line; None to find them in the mean of
            the images, see `find_lines`.
        levels: intensity of ink and of paper, counts; ink may be the brighter one. None for
            dark text, from the 1st to the 99th percentile of each image.
        language: Tesseract's name of it, such as "eng" or "deu+fra".

    Returns:
        For each image a list with a reading for each line; a line without any contrast has an
        empty reading.

    Raises:
        InputError: bad images or lines; Tesseract, its language or pytesseract is missing.

    Example:
        >>> read_lines(np.full((2, 40, 200), 255), lines=[(0, 20)])
        [[Reading(words=())], [Reading(words=())]]
    """
    stack = checked_images(images)
    if levels is not None and levels[0] == levels[1]:
        raise InputError(
            "Ink and paper must differ in intensity.", levels, "Give (ink, paper), as (0, 255)."
        )
    if lines is None:
        lines = find_lines(stack.mean(axis=0))
    pictures = [
        line_picture(image, rows, levels or _dark_text(image)) for image in stack for rows in lines
    ]
    readings = iter(_recognised([one for one in pictures if one is not None], language))
    each = [Reading() if one is None else next(readings) for one in pictures]
    return [each[first * len(lines) :][: len(lines)] for first in range(len(stack))]


def _dark_text(image: np.ndarray) -> tuple[float, float]:
    ink, paper = np.percentile(image, (1, 99))
    # an image of few pixels that differ has no such percentiles
    return (float(ink), float(paper)) if ink < paper else (float(image.min()), float(image.max()))


def _recognised(pictures: list[np.ndarray], language: str) -> list[Reading]:
    if not pictures:
        return []
    pytesseract = _pytesseract()
    from PIL import Image

    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, f"{number}.png") for number in range(len(pictures))]
        for file, picture in zip(files, pictures, strict=True):
            Image.fromarray(picture).save(file, compress_level=1)
        listing = Path(folder, "pictures.txt")
        listing.write_text("\n".join(map(str, files)), encoding="utf-8")
        try:
            with _one_thread():
                table = pytesseract.image_to_data(
                    str(listing),
                    lang=language,
                    config=f"--psm {_ONE_LINE} --dpi {_DPI}",
                    output_type=pytesseract.Output.DICT,
                )
        except pytesseract.TesseractError as error:
            raise InputError(
                "Tesseract cannot read with these settings.",
                f"language {language!r}; it says: {str(error.message).strip()[:300]}",
                "Its languages are packages of their own, on Debian tesseract-ocr-deu and so on.",
            ) from error
    return _readings(table, len(pictures))


def _readings(table: dict[str, list[Any]], number: int) -> list[Reading]:
    """Sort Tesseract's table of words by picture; a picture is a page to it."""
    words: list[list[Word]] = [[] for _ in range(number)]
    columns = zip(table["page_num"], table["text"], table["conf"], strict=True)
    for page, text, confidence in columns:
        # rows of blocks and lines have no text and the confidence -1
        for part in str(text).split():
            words[page - 1].append(
                Word(part, min(max(float(confidence) / 100, _LEAST_CONFIDENCE), 1.0))
            )
    return [Reading(tuple(one)) for one in words]


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    """Keep Tesseract from using threads: on single lines they mostly wait for each other.

    pytesseract hands the environment on. A limit that the user has set stays.
    """
    if "OMP_THREAD_LIMIT" in os.environ:
        yield
        return
    os.environ["OMP_THREAD_LIMIT"] = "1"
    try:
        yield
    finally:
        del os.environ["OMP_THREAD_LIMIT"]


def _pytesseract() -> Any:
    try:
        import pytesseract
    except ImportError as error:
        raise InputError(
            "Reading text needs the package pytesseract.",
            "a Python without it",
            "Install it: pip install 'divnoising_tf[ocr]'.",
        ) from error
    if shutil.which(pytesseract.pytesseract.tesseract_cmd) is None:
        raise InputError(
            "Reading text needs the program tesseract.",
            f"no command {pytesseract.pytesseract.tesseract_cmd}",
            "Install it: apt-get install tesseract-ocr (Debian, Ubuntu), brew install tesseract "
            "(macOS); on Windows put its folder into PATH.",
        )
    return pytesseract
