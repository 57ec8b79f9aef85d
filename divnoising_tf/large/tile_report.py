"""How many samples a tile took, and how well its mean is settled."""

import logging
from collections.abc import Collection
from typing import NamedTuple

_logger = logging.getLogger(__name__)

# a standard error that is this much above the tolerance is within it
_ROUNDING = 1.001


class TileReport(NamedTuple):
    """What is known of a tile that is done.

    Attributes:
        samples: behind its MMSE and uncertainty.
        standard_error: of the mean, its root mean square over the tile, counts.
        excess: the standard error as a multiple of the tolerance; 0 without one.
    """

    samples: int
    standard_error: float
    excess: float

    def text(self) -> str:
        """Return it as one line without a line break."""
        return f"{self.samples} {self.standard_error:.6g} {self.excess:.6g}"

    @classmethod
    def of_text(cls, line: str) -> "TileReport":
        """Return the report of a line from `text`.

        Example:
            >>> TileReport.of_text(TileReport(40, 0.25, 0.5).text())
            TileReport(samples=40, standard_error=0.25, excess=0.5)
        """
        samples, standard_error, excess = line.split()
        return cls(int(samples), float(standard_error), float(excess))


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
