"""From what was measured to one word, good, fair or bad, and the rule behind it."""

from dataclasses import dataclass

import numpy as np

from divnoising_tf.noise_models.report_measures import SignalBins

VERDICTS = ("good", "fair", "bad")
RULE = (
    "Rule: the verdict is the worst of the checks. Their limits hold what does not harm "
    "denoising, raised by what chance adds for a perfect model with so few pixels."
)
# Kolmogorov distance times the root of the number of pixels: beyond it once in 1000 times
_CHANCE_OF_DISTANCE = 1.95


@dataclass(frozen=True)
class Check:
    """One measured quantity and how large it may be.

    Attributes:
        name: what was measured, with its unit.
        value: what was found; 0 is perfect.
        good: up to this it is good.
        fair: up to this it is fair, beyond it is bad.
        chance: how much chance alone may add for a perfect model, given the number of pixels;
            both limits are raised by it.
        where: signal in counts at which the worst value was found, None for all signals.
        advice: what to do if it is not good.
    """

    name: str
    value: float
    good: float
    fair: float
    chance: float = 0.0
    where: float | None = None
    advice: str = ""

    @property
    def verdict(self) -> str:
        """One of "good", "fair" and "bad"."""
        # a value that is not a number is within no limit
        if self.value <= self.good + self.chance:
            return "good"
        return "fair" if self.value <= self.fair + self.chance else "bad"


def worst(checks: tuple[Check, ...]) -> str:
    """Return the worst verdict of the checks.

    Example:
        >>> worst((Check("a", 0.0, 1, 2), Check("b", 1.5, 1, 2)))
        'fair'
    """
    return max((check.verdict for check in checks), key=VERDICTS.index)


def table(checks: tuple[Check, ...]) -> list[str]:
    """Return the checks as lines of text: value, limits and verdict side by side."""
    rows: list[tuple[str, ...]] = [("check", "found", "good up to", "fair up to", "")]
    for check in checks:
        place = "" if check.where is None else f" (at signal {check.where:.4g})"
        limits = (check.good + check.chance, check.fair + check.chance)
        rows.append(
            (check.name + place, *(f"{x:.3g}" for x in (check.value, *limits)), check.verdict)
        )
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    return [
        "  ".join(
            cell.ljust(width) if column in (0, 4) else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def verdict_checks(
    likelihoods: dict[str, np.ndarray],
    pixels: int,
    log_likelihood: dict[str, float],
    pit_distance: float,
    bins: SignalBins,
    signals_outside: float,
    observations_outside: float,
    neighbour_correlation: float | None,
) -> tuple[Check, ...]:
    """Hold what was measured against the limits of a good and a fair noise model.

    Args:
        likelihoods: nats of each pixel, by "model", "histogram" and "Gaussian".
        pixels: see `NoiseModelReport`, as for the arguments that follow.
        log_likelihood: of each, mean.
        pit_distance: over all signals.
        bins: by signal.
        signals_outside: share.
        observations_outside: share.
        neighbour_correlation: None if it is not known.

    Returns:
        The checks, with their advice.
    """
    best = max(("histogram", "Gaussian"), key=lambda name: log_likelihood[name])
    behind = likelihoods[best] - likelihoods["model"]
    checks = [
        Check(
            "nats per pixel behind the better of histogram and Gaussian",
            float(behind.mean()),
            0.02,
            0.06,
            chance=float(3 * behind.std() / np.sqrt(pixels)),
            advice=f"A {best} model fitted to other pixels describes these better: use "
            + (
                "more components or coefficients, or that model."
                if best == "histogram"
                else "it, or fit again."
            ),
        ),
        Check(
            "quantiles off by, all signals",
            pit_distance,
            0.02,
            0.05,
            chance=_CHANCE_OF_DISTANCE / np.sqrt(pixels),
            advice="The shape, width or mean of the noise is wrong; see the figure's first panel.",
        ),
        _worst_bin(
            "quantiles off by, worst signal",
            bins,
            bins.pit_distance,
            0.05,
            0.10,
            chance=_CHANCE_OF_DISTANCE / np.sqrt(bins.pixels),
            advice="The noise depends on the signal otherwise than modelled.",
        ),
        _worst_bin(
            "bias, in standard deviations of the noise, worst signal",
            bins,
            np.abs(bins.bias) / bins.modelled,
            0.10,
            0.25,
            chance=3 / np.sqrt(bins.pixels),
            advice="Signal and observations do not share an offset or a gain, or the images "
            "moved or bleached between them.",
        ),
        _worst_bin(
            "standard deviation, relative error, worst signal",
            bins,
            np.exp(np.abs(np.log(bins.measured / bins.modelled))) - 1,
            0.10,
            0.25,
            chance=bins.chance_of_deviation,
            advice="The noise is stronger or weaker than modelled: fit again to images of this "
            "camera, gain and exposure.",
        ),
        Check(
            "share of impossible observations",
            observations_outside,
            0.005,
            0.02,
            chance=3 * np.sqrt(0.005 / pixels),
            advice="Hot pixels, or noise with longer tails than modelled.",
        ),
        Check(
            "share of signals outside the calibrated range",
            signals_outside,
            0.02,
            0.10,
            chance=3 * np.sqrt(0.02 / pixels),
            advice="Calibrate on images that are as dark and as bright as these.",
        ),
    ]
    if neighbour_correlation is not None:
        checks.append(
            Check(
                "correlation of the noise of neighbours",
                abs(neighbour_correlation),
                0.1,
                0.3,
                chance=3 / np.sqrt(pixels),
                advice="The noise of neighbours is correlated (or the signal is blurred), so that "
                "no pixel-wise noise model holds: denoised images keep the correlated part. "
                "Use raw images: no resampling, demosaicing, compression or camera filter.",
            )
        )
    return tuple(checks)


def _worst_bin(
    name: str,
    bins: SignalBins,
    values: np.ndarray,
    good: float,
    fair: float,
    chance: np.ndarray,
    advice: str,
) -> Check:
    index = int(np.argmax(values - chance))
    return Check(
        name,
        float(values[index]),
        good,
        fair,
        float(chance[index]),
        where=float(bins.signal[index]),
        advice=advice,
    )
