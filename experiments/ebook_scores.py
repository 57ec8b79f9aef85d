"""Reading of printed pages, and how many errors it has."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from divnoising_tf.applications.text_errors import character_error_rate, word_error_rate
from divnoising_tf.applications.text_recognition import Reading, read_lines
from divnoising_tf.metrics import psnr
from experiments import beetle

LEVELS = (0.0, 255.0)  # ink and paper, counts


def clean_images(pages: Sequence[beetle.Page]) -> np.ndarray:
    """Return the pages as uint8 (n, y, x)."""
    return np.stack([page.image for page in pages])


def read_pages(pages: Sequence[beetle.Page], stacks: Sequence[np.ndarray]) -> list[list[Reading]]:
    """Return for each stack a reading for every line of all pages.

    Args:
        pages: where the lines stand.
        stacks: images of the pages (n, y, x) in several versions, counts.
    """
    readings: list[list[Reading]] = [[] for _ in stacks]
    # page by page: Tesseract is started once for all versions of one
    for page, *versions in zip(pages, *stacks, strict=True):
        read = read_lines(np.stack(versions), page.rows, LEVELS)
        for one, lines in zip(readings, read, strict=True):
            one += lines
    return readings


def row_of_images(
    name: str, pages: Sequence[beetle.Page], images: np.ndarray, readings: Sequence[Reading]
) -> dict[str, Any]:
    """Return error rates and PSNR of images of the pages."""
    row = {"image": name, **error_rates(pages, texts_of(readings))}
    clean = clean_images(pages)
    # the clean image against itself has none
    if not np.array_equal(images, clean):
        row["PSNR"] = round(psnr(clean, images, 255), 2)
    return row


def error_rates(pages: Sequence[beetle.Page], texts: Sequence[str]) -> dict[str, float]:
    """Return errors in % of the characters and of the words of the pages."""
    truth = [beetle.plain(text) for page in pages for text in page.texts]
    texts = [beetle.plain(text) for text in texts]
    return {
        "character errors, %": round(100 * character_error_rate(truth, texts), 2),
        "word errors, %": round(100 * word_error_rate(truth, texts), 2),
    }


def texts_of(readings: Sequence[Reading]) -> list[str]:
    """Return the texts of readings."""
    return [reading.text for reading in readings]
