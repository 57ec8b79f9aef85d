"""The eBook data: "The Beetle" as black print on white pages, 8 bit, and noise upon them.

    python -m experiments.beetle docs/images/text.png    # a picture of four patches

The paper's eBook data are patches of 128 x 128 pixels with Gaussian noise of σ = 255. The text
(Richard Marsh, 1897) is in the public domain. The font, DejaVu Serif, comes with matplotlib.
"""

import argparse
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from divnoising_tf.errors import InputError
from experiments.tasks.files import task_file

NOISE = 255.0
TRAINING_SHARE = 0.85
PATCH_SIZE = 128
FONT_SIZE = 16
LINE_HEIGHT = 20
MARGIN = 4
# what a typesetter and a typist write differently; either is a right reading
_PLAIN = str.maketrans(
    {"‘": "'", "’": "'", "“": '"', "”": '"', "—": "-", "–": "-", "⸻": "-", "…": "..."}
)


class Page(NamedTuple):
    """A rendered page: uint8 (y, x), its lines of text, and the rows that each takes."""

    image: np.ndarray
    texts: tuple[str, ...]
    rows: tuple[tuple[int, int], ...]


def book(file: Path) -> tuple[list[str], list[str]]:
    """Return the paragraphs for training, 85 % of the text from its beginning, and the others."""
    paragraphs = file.read_text(encoding="utf-8").split("\n\n")
    paragraphs = [" ".join(one.split()) for one in paragraphs if one.strip()]
    ends = np.cumsum([len(one) for one in paragraphs])
    number = int(np.searchsorted(ends, TRAINING_SHARE * ends[-1]))
    return paragraphs[:number], paragraphs[number:]


def pages(
    paragraphs: Sequence[str], size: int = PATCH_SIZE, limit: int | None = None
) -> list[Page]:
    """Print paragraphs on square pages, as many as they fill or as the limit.

    Args:
        paragraphs: each begins a line.
        size: side of a page, pixels.
        limit: pages at most.
    """
    per_page = (size - 2 * MARGIN) // LINE_HEIGHT
    lines = [line for paragraph in paragraphs for line in _wrapped(paragraph, size - 2 * MARGIN)]
    starts = range(0, len(lines), per_page)[:limit]
    return [printed(lines[start : start + per_page], size) for start in starts]


def printed(lines: Sequence[str], size: int) -> Page:
    """Print lines on one square page, from its top."""
    from PIL import Image, ImageDraw

    picture = Image.new("L", (size, size), 255)
    draw = ImageDraw.Draw(picture)
    rows = []
    for number, line in enumerate(lines):
        top = MARGIN + number * LINE_HEIGHT
        # the middle of the ascenders and descenders is the middle of the line
        draw.text((MARGIN, top + LINE_HEIGHT / 2), line, font=_font(), fill=0, anchor="lm")
        rows.append((top, top + LINE_HEIGHT))
    return Page(np.array(picture), tuple(lines), tuple(rows))


def noisy(images: np.ndarray, seed: int) -> np.ndarray:
    """Add Gaussian noise of σ = 255, not clipped; the same for the same seed."""
    noise = np.random.default_rng(seed).standard_normal(images.shape, np.float32)
    return images + NOISE * noise


def plain(text: str) -> str:
    """Return the text with a typist's quotes, dashes and dots, for comparison."""
    return text.translate(_PLAIN)


def _wrapped(paragraph: str, width: float) -> Iterator[str]:
    line, filled = [], 0.0
    for word in _fitting_words(paragraph, width):
        if line and filled + _width(" ") + _width(word) > width:
            yield " ".join(line)
            line, filled = [], 0.0
        filled += (_width(" ") if line else 0) + _width(word)
        line.append(word)
    yield " ".join(line)


def _fitting_words(paragraph: str, width: float) -> Iterator[str]:
    # a book of narrow lines breaks after dashes
    for word in paragraph.replace("—", "— ").split():
        while _width(word) > width:
            cut = max(n for n in range(1, len(word)) if _width(word[:n]) <= width)
            yield word[:cut]
            word = word[cut:]
        yield word


@cache
def _width(word: str) -> float:
    return _font().getlength(word)


@cache
def _font():
    import matplotlib
    from PIL import ImageFont

    file = Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSerif.ttf")
    # the simple layout is in every build of Pillow: the same pixels everywhere
    return ImageFont.truetype(file, FONT_SIZE, layout_engine=ImageFont.Layout.BASIC)


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("picture", type=Path, help="PNG: four patches, with noise below")
    file = parser.parse_args().picture
    from PIL import Image

    try:
        training, _ = book(task_file("the_beetle", "the_beetle.txt"))
    except InputError as error:
        raise SystemExit(str(error)) from error
    clean = np.concatenate([page.image for page in pages(training, limit=4)], axis=1)
    # the noise goes far beyond black and white: shown are -255 to 510 counts
    grey = (noisy(clean, seed=0) + NOISE) / 3
    rows = np.concatenate([clean, np.clip(grey, 0, 255).astype(np.uint8)])
    Image.fromarray(rows).save(file)
    print(f"wrote {file}")


if __name__ == "__main__":
    _main()
