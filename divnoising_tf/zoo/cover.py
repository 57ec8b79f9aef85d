"""The picture that the model zoo shows: noisy image, denoised image, uncertainty."""

import os
from collections.abc import Mapping

import numpy as np

# bioimage.io wants a width to height of 2:1 and less than 500 KB
_INCHES = (9.6, 4.8)
_LARGEST_BYTES = 500_000
_DOTS_PER_INCH = (100, 75, 50)
_TITLES = {
    "mean": "mean of the posterior (MMSE)",
    "uncertainty": "uncertainty (standard deviation)",
}


def write_cover(
    path: str | os.PathLike[str], noisy: np.ndarray, planes: Mapping[str, np.ndarray]
) -> None:
    """Draw a PNG file of the input and the first planes of the output side by side.

    All but the uncertainty share one range of grey values, the 1st to 99.8th percentile of the
    first plane.

    Args:
        path: of the file, replaced if it exists.
        noisy: (y, x), counts.
        planes: one or two, (y, x), counts, by the names of their channels, such as "mean".

    Example:
        >>> import tempfile, pathlib
        >>> image = np.arange(64.0).reshape(8, 8)
        >>> file = pathlib.Path(tempfile.mkdtemp()) / "cover.png"
        >>> write_cover(file, image, {"mean": image, "uncertainty": image})
        >>> file.stat().st_size < 500_000
        True
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=_INCHES, layout="constrained")
    low, high = _grey_range(next(iter(planes.values())))
    panels = [("noisy input", noisy, "gray", low, high)]
    for name, plane in planes.items():
        style = ("magma", *_grey_range(plane)) if name == "uncertainty" else ("gray", low, high)
        panels.append((_TITLES.get(name, name), plane, *style))
    for axes, (title, image, colours, lowest, highest) in zip(
        figure.subplots(1, len(panels)), panels, strict=True
    ):
        shown = axes.imshow(
            _central_square(image), cmap=colours, vmin=lowest, vmax=highest, interpolation="nearest"
        )
        axes.set_title(title, fontsize=11)
        axes.set_axis_off()
        bar = figure.colorbar(shown, ax=axes, orientation="horizontal", fraction=0.05, pad=0.02)
        bar.set_label("counts", fontsize=9)
        bar.ax.tick_params(labelsize=8)
    for dots in _DOTS_PER_INCH:
        figure.savefig(path, dpi=dots, format="png")
        if os.path.getsize(path) < _LARGEST_BYTES:
            return


def _grey_range(image: np.ndarray) -> tuple[float, float]:
    low, high = np.percentile(image, (1, 99.8))
    return float(low), float(high if high > low else low + 1)


def _central_square(image: np.ndarray) -> np.ndarray:
    size = min(image.shape)
    top, left = ((length - size) // 2 for length in image.shape)
    return image[top : top + size, left : left + size]
