"""Options that several subcommands share, with the same words of help."""

import enum
from pathlib import Path
from typing import Annotated, Optional

import typer

from divnoising_tf.cli._settings import use_settings


class Precision(str, enum.Enum):
    """Number formats, see `divnoising_tf.models.precision`."""

    auto = "auto"
    float32 = "float32"
    mixed_bfloat16 = "mixed_bfloat16"


Settings = Annotated[
    Optional[Path],  # noqa: UP045 - Typer before 0.13 does not read X | None on Python 3.10
    typer.Option(
        "--settings",
        help="Take the settings from a .settings.yaml that was written beside an earlier result; "
        "options given here as well win.",
        callback=use_settings,
        is_eager=True,
        rich_help_panel="General",
    ),
]
Overwrite = Annotated[
    bool,
    typer.Option("--overwrite", help="Replace results that exist.", rich_help_panel="General"),
]
Seed = Annotated[
    int,
    typer.Option(help="The same seed gives the same result.", min=0, rich_help_panel="General"),
]
Axes = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(
        help="What the axes of the images are, slowest first: Y and X in the plane, C channels, "
        "T time, Z depth, S any other stack; such as YX, TYX or TCYX. Without it, the TIFF's own "
        "description counts, or YX and SYX.",
    ),
]
Model = Annotated[
    Path, typer.Option("--model", "-m", help="The trained model, a .keras file from 'train'.")
]
Augment = Annotated[
    bool,
    typer.Option(
        "--augment",
        help="Draw the clean images from the noisy one in its eight orientations, turned and "
        "flipped, and turn them back: often closer to the truth. Best with a multiple of 8.",
    ),
]
TileSize = Annotated[
    Optional[int],  # noqa: UP045
    typer.Option(
        min=1,
        help="Work on large images in tiles of this many pixels. It changes time and memory, "
        "not the result, which has no seams. Without it, what the memory bears.",
        show_default=False,
    ),
]
