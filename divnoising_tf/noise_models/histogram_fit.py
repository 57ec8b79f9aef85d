"""Counting observations per signal level, with a Gaussian where pixels are too few."""

import numpy as np
import tensorflow as tf

from divnoising_tf.noise_models.calibration import CalibrationPairs
from divnoising_tf.noise_models.histogram_density import HistogramDensity
from divnoising_tf.noise_models.likelihood import bin_pairs

# between levels the density is a mixture, whose variance is larger than that of the noise by a
# third of the square of this share of the smallest standard deviation: 2 %
_LEVEL_SPACING = 0.25
_PIXELS_PER_LEVEL = 100
_REACH = 6.0  # standard deviations that the bins extend beyond the signal range
_PSEUDO_PIXELS = 30.0  # what the Gaussian weighs against the counts of a level
_LEAST_MASS = 1e-6  # spread over all bins of a level
_SMOOTHING = 0.15  # standard deviation of the smoothing, in those of the noise


def histogram_masses(
    pairs: CalibrationPairs, n_levels: int = 256, n_bins: int = 256
) -> tuple[np.ndarray, tuple[float, float]]:
    """Count, smooth and normalise.

    A pixel between two signal levels counts for both, by its distance. Counts are smoothed along
    the observations by a Gaussian of 0.15 standard deviations of the noise, and completed by 30
    pixels of a Gaussian whose variance is linear in the signal.

    Args:
        pairs: signals and observations, counts.
        n_levels: signal levels at most.
        n_bins: bins of observations at most.

    Returns:
        Masses float64 (levels, bins), rows sum to 1, all positive; and the lowest and the
        highest edge of the bins, counts.
    """
    low, high = pairs.signal_range
    slope = bin_pairs(pairs).variance_polynomial(2)
    levels = np.ceil((high - low) / (_LEVEL_SPACING * np.sqrt(slope[0]))) + 1
    levels = int(np.clip(min(levels, len(pairs) / _PIXELS_PER_LEVEL), 2, n_levels))
    signals = np.linspace(low, high, levels)
    deviations = np.sqrt(slope[0] + slope[1] * np.linspace(0, 1, levels))
    first, width, bins = _bins(pairs, signals, deviations, n_bins)
    counts = _counts(pairs, levels, first, width, bins)
    edges = first + width * np.arange(bins + 1)
    gaussian = _gaussian_masses(signals, deviations, edges)
    for row, deviation in enumerate(deviations):
        counts[row] = _smoothed(counts[row], _SMOOTHING * deviation / width)
    masses = counts + _PSEUDO_PIXELS * gaussian
    masses /= masses.sum(axis=1, keepdims=True)
    masses = (1 - _LEAST_MASS) * masses + _LEAST_MASS / bins
    return masses, (float(edges[0]), float(edges[-1]))


def fitted_density(pairs: CalibrationPairs) -> HistogramDensity:
    """Return the density of the histogram of pairs."""
    masses, observation_range = histogram_masses(pairs)
    log_masses = tf.constant(np.log(masses), tf.float32)
    return HistogramDensity(pairs.signal_range, observation_range, log_masses)


def _bins(
    pairs: CalibrationPairs, signals: np.ndarray, deviations: np.ndarray, n_bins: int
) -> tuple[float, float, int]:
    """Return the lowest edge, the width, and the number of bins."""
    lowest, highest = np.percentile(pairs.observation, (0.01, 99.99))
    lowest = min(lowest, signals[0] - _REACH * deviations[0])
    highest = max(highest, signals[-1] + _REACH * deviations[-1])
    if pairs.step:
        # edges halfway between grey levels, and as many grey levels in each bin
        width = pairs.step * max(1, int(np.ceil((highest - lowest) / pairs.step / (n_bins - 1))))
        first = (np.floor(lowest / pairs.step) - 0.5) * pairs.step
        return first, width, int(np.ceil((highest - first) / width)) + 1
    return lowest, (highest - lowest) / n_bins, n_bins


def _counts(
    pairs: CalibrationPairs, levels: int, first: float, width: float, bins: int
) -> np.ndarray:
    low, high = pairs.signal_range
    place = (pairs.signal.astype(np.float64) - low) / (high - low) * (levels - 1)
    lower = np.clip(place.astype(np.int64), 0, levels - 2)
    share = place - lower
    index = np.floor((pairs.observation.astype(np.float64) - first) / width).astype(np.int64)
    inside = (index >= 0) & (index < bins)
    cell, share = (lower * bins + index)[inside], share[inside]
    size = levels * bins
    counts = np.bincount(cell, weights=1 - share, minlength=size)[:size]
    counts += np.bincount(cell + bins, weights=share, minlength=size)[:size]
    return counts.reshape(levels, bins)


def _gaussian_masses(signals: np.ndarray, deviations: np.ndarray, edges: np.ndarray) -> np.ndarray:
    from scipy.special import ndtr

    cumulated = ndtr((edges - signals[:, np.newaxis]) / deviations[:, np.newaxis])
    return np.diff(cumulated, axis=1)


def _smoothed(counts: np.ndarray, bins: float) -> np.ndarray:
    from scipy.ndimage import gaussian_filter1d

    return gaussian_filter1d(counts, bins, mode="nearest") if bins > 0.3 else counts
