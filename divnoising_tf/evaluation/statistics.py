"""What is measured of a residual, noise without its signal, to tell noise from anything else."""

from dataclasses import dataclass

import numpy as np

# pixels; structure that a denoiser loses is within some pixels of its edges
_REACH = 8
_SIGNAL_BINS = 8
_HISTOGRAM_EDGES = np.linspace(-6, 6, 61)


@dataclass(frozen=True)
class Statistic:
    """One number of a residual, and what it means if it is not what the noise model says.

    Attributes:
        name: of the number.
        too_high: what it means.
        too_low: what it means; "" for what can only be too high.
    """

    name: str
    too_high: str
    too_low: str = ""


_TOGETHER = (
    "neighbours of the residual go together (structure is missing in the samples, which are too "
    "smooth; or the camera's noise is correlated)"
)
_ALTERNATE = (
    "neighbours of the residual alternate (the samples follow the slow part of the noise; or the "
    "camera's software sharpens)"
)
STATISTICS = (
    Statistic(
        "mean of the residual",
        "the image is brighter than the samples (another offset than the noise model's)",
        "the image is darker than the samples (another offset than the noise model's)",
    ),
    Statistic(
        "strength of the residual",
        "the residual is stronger than the noise model says (the noise model is too weak, or "
        "structure is missing in the samples)",
        "the residual is weaker than the noise model says (the noise model is too strong, or the "
        "samples follow the noise)",
    ),
    Statistic(
        "skewness of the residual",
        "the residual reaches too far up (hot pixels, or bright specks missing in the samples)",
        "the residual reaches too far down (saturated or dead pixels, or dark specks missing in "
        "the samples)",
    ),
    Statistic(
        "tails of the residual",
        "large residuals are too frequent (outliers, or edges missing in the samples)",
        "large residuals are rarer than the noise model says",
    ),
    Statistic("correlation along rows", _TOGETHER, _ALTERNATE),
    Statistic("correlation along columns", _TOGETHER, _ALTERNATE),
    Statistic(
        f"correlation within {_REACH} pixels",
        "the residual has a pattern (structure of the image, stripes, a grid)",
    ),
    Statistic(
        "strength by brightness",
        "the residual's strength depends on brightness otherwise than the noise model says",
    ),
    Statistic(
        "mean by brightness",
        "contrast is missing in the samples, or the noise model has another offset or gain",
    ),
)
ONE_SIDED = np.array([not one.too_low for one in STATISTICS])


@dataclass(frozen=True, eq=False)
class Measured:
    """Everything that is measured of one residual, in units of the noise's deviation.

    Attributes:
        values: one per `STATISTICS`.
        histogram: density in the bins of `edges`; what is beyond is in the outermost.
        along_rows: correlation at distances of 0, 1, ... 8 pixels, as far as the image reaches.
        along_columns: likewise.
        strength_by_signal: root mean square in 8 bins of signal of equally many pixels.
    """

    values: np.ndarray
    histogram: np.ndarray
    along_rows: np.ndarray
    along_columns: np.ndarray
    strength_by_signal: np.ndarray

    edges = _HISTOGRAM_EDGES


def signal_bins(signal: np.ndarray) -> np.ndarray:
    """Return for each pixel the number of its bin, of equally many pixels by brightness."""
    flat = signal.ravel()
    quantiles = np.quantile(flat, np.arange(1, _SIGNAL_BINS) / _SIGNAL_BINS)
    return np.searchsorted(quantiles, flat, side="right")


def measure(residual: np.ndarray, bins: np.ndarray) -> Measured:
    """Measure a residual.

    Args:
        residual: (plane, y, x, channel), in units of the noise's standard deviation.
        bins: of the signal, from `signal_bins`.

    Example:
        >>> noise = np.random.default_rng(0).normal(size=(1, 200, 200, 1))
        >>> values = measure(noise, signal_bins(noise)).values
        >>> values[:2]  # mean and strength
        array([0.0, 1.0])
    """
    flat = residual.ravel().astype(np.float64)
    mean, centred = flat.mean(), flat - flat.mean()
    strength = np.sqrt(np.mean(centred**2)) or 1.0
    unit = centred / strength
    square = unit**2
    count, bin_mean, bin_square = _by_bin(bins, flat, flat**2)
    used = count > 0
    correlation = _autocorrelation(residual - mean)
    rows = correlation[0, : correlation.shape[1] // 2 + 1]
    columns = correlation[:, 0]
    # in one plane and its opposite directions every distance counts once
    others = np.concatenate([rows[1:], correlation[1:].ravel()])
    values = [
        mean,
        strength,
        np.mean(unit * square),
        np.mean(square**2) - 3,
        rows[1] if len(rows) > 1 else 0.0,
        columns[1] if len(columns) > 1 else 0.0,
        np.sqrt(np.mean(others**2)) if others.size else 0.0,
        np.std(bin_square[used] / (np.mean(flat**2) or 1.0)),
        np.std(bin_mean[used]),
    ]
    clipped = np.clip(flat, _HISTOGRAM_EDGES[0], _HISTOGRAM_EDGES[-1])
    histogram = np.histogram(clipped, _HISTOGRAM_EDGES, density=True)[0]
    return Measured(np.array(values), histogram, rows, columns, np.sqrt(bin_square))


def _by_bin(bins: np.ndarray, *values: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return the count and the means of the values in each bin."""
    count = np.bincount(bins, minlength=_SIGNAL_BINS)
    means = (np.bincount(bins, one, _SIGNAL_BINS) / np.maximum(count, 1) for one in values)
    return (count, *means)


def _autocorrelation(centred: np.ndarray) -> np.ndarray:
    """Return the correlation at (dy, dx): dy from 0 to 8, dx from 0 to 8 and then -8 to -1.

    Products of pixels of one plane and channel, divided by the number of such pairs. Distances
    are shorter where the image is.
    """
    from scipy import fft

    size = centred.shape[1:3]
    reach = [min(_REACH, side - 1) for side in size]
    # zeros of the longest distance keep the far edges apart
    padded = [
        fft.next_fast_len(side + far, real=True) for side, far in zip(size, reach, strict=True)
    ]
    spectrum = fft.rfft2(centred, padded, axes=(1, 2))
    power = np.sum(spectrum.real**2 + spectrum.imag**2, axis=(0, 3))
    sums = fft.irfft2(power, padded)
    right = np.concatenate([np.arange(reach[1] + 1), np.arange(-reach[1], 0)])
    down = np.arange(reach[0] + 1)
    pairs = (size[0] - down)[:, np.newaxis] * (size[1] - np.abs(right))
    correlation = sums[down[:, np.newaxis], right] / pairs
    return correlation / (correlation[0, 0] or 1.0)
