"""How many samples a tile took, how well its mean is settled, and its hot pixels."""

import logging
from collections.abc import Collection
from typing import NamedTuple

from divnoising_tf.noise_models.outliers import Outliers

_logger = logging.getLogger(__name__)

# a standard error that is this much above the tolerance is within it
_ROUNDING = 1.001


class TileReport(NamedTuple):
    """What is known of a tile that is done.

    Attributes:
        samples: behind its MMSE and uncertainty.
        standard_error: of the mean, its root mean square over the tile, counts.
        excess: the standard error as a multiple of the tolerance; 0 without one.
        outliers: hot pixels, see `outliers.outliers`; None if there are none.
    """

    samples: int
    standard_error: float
    excess: float
    outliers: Outliers | None = None

    def text(self) -> str:
        """Return it as one line without a line break."""
        text = f"{self.samples} {self.standard_error:.6g} {self.excess:.6g}"
        if self.outliers is not None:
            text += " {:d} {:d} {:.6g} {:.6g}".format(*self.outliers)
        return text

    @classmethod
    def of_text(cls, line: str) -> "TileReport":
        """Return the report of a line from `text`.

        Example:
            >>> TileReport.of_text(TileReport(40, 0.25, 0.5).text())
            TileReport(samples=40, standard_error=0.25, excess=0.5, outliers=None)
        """
        samples, standard_error, excess, *hot = line.split()
        found = None
        if hot:
            found = Outliers(int(hot[0]), int(hot[1]), float(hot[2]), float(hot[3]))
        return cls(int(samples), float(standard_error), float(excess), found)


def outliers_of_all(reports: Collection[TileReport], pixels: int) -> Outliers | None:
    """Return the hot pixels of all tiles together.

    Args:
        reports: of all tiles.
        pixels: of the image.

    Example:
        >>> reports = [TileReport(4, 0.0, 0.0, Outliers(n, 9, 7.0 * n, 8.0 * n)) for n in (1, 2)]
        >>> print(outliers_of_all(reports, 18))
        3 of 18 pixels (7 to 16 counts)
    """
    found = [report.outliers for report in reports if report.outliers is not None]
    if not found:
        return None
    lowest, highest = min(one.lowest for one in found), max(one.highest for one in found)
    return Outliers(sum(one.number for one in found), pixels, lowest, highest)


def log_reports(reports: Collection[TileReport]) -> None:
    """Log how many samples the tiles took for a tolerance, and warn of those above it.

    Args:
        reports: of all tiles, at least one.
    """
    counts = [report.samples for report in reports]
    _logger.info(
        "Samples of the %d tiles: %d at least, %.1f on average, %d at most. The standard error of "
        "the mean is at most %.3g counts.",
        len(counts),
        min(counts),
        sum(counts) / len(counts),
        max(counts),
        max(report.standard_error for report in reports),
    )
    above = [report.excess for report in reports if report.excess > _ROUNDING]
    if above:
        _logger.warning(
            "The tolerance was not reached with %d samples in %d of %d tiles: the standard error "
            "of the mean is up to %.3g times as large.",
            max(counts),
            len(above),
            len(counts),
            max(above),
        )
