"""Printed text for tests: black on white, in the font that comes with matplotlib."""

from pathlib import Path

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont

# Richard Marsh, The Beetle (1897)
LINES = ("He banged the door in my face.", "That was the final blow.")
STEP = 20


def printed(lines, step=STEP, width=260):
    """Return uint8 (y, x), `step` rows for each line."""
    file = Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSerif.ttf")
    font = ImageFont.truetype(file, 16, layout_engine=ImageFont.Layout.BASIC)
    picture = Image.new("L", (width, step * len(lines)), 255)
    draw = ImageDraw.Draw(picture)
    for number, line in enumerate(lines):
        draw.text((4, step * (number + 0.5)), line, font=font, fill=0, anchor="lm")
    return np.array(picture)


def rows(lines, step=STEP):
    """Return first row and row after the last of each line."""
    return [(step * number, step * (number + 1)) for number in range(len(lines))]
