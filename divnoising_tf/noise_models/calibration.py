"""From what users have to pairs of clean signal and noisy observation, pixel by pixel."""

import warnings
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from divnoising_tf.errors import InputError
from divnoising_tf.noise_models.extreme_values import (
    Outliers,
    OutlierWarning,
    extreme_piles,
    hot_pixels,
    spoiled_signals,
)

_WARNED_SHARE = 0.01
_LEAST_SPAN = 0.1  # of the signal, in standard deviations of the noise
_PIXELS_PER_PARAMETER = 50
_FIGURE_BINS = 256
HOT = "hot"
"""The rule that leaves out hot pixels and cosmic rays, in `CalibrationPairs.left_out`."""


@dataclass(frozen=True)
class CalibrationPairs:
    """Clean signals and their observations, pixel by pixel, with what was left out and why.

    Attributes:
        signal: counts, float32 (n,).
        observation: counts, float32 (n,).
        step: between grey levels, counts: 1 if all observations were whole numbers (after the
            correction for repeats: the distance that it gives them), 0 if they were not.
        left_out: share of all pixels left out, by the rule that left them out.
    """

    signal: np.ndarray
    observation: np.ndarray
    step: float = 0.0
    left_out: dict[str, float] = field(default_factory=dict)
    _edges: np.ndarray = field(default_factory=lambda: np.zeros(1), repr=False)
    _histograms: dict[str, np.ndarray] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.signal)

    @property
    def signal_range(self) -> tuple[float, float]:
        """Lowest and highest signal, counts."""
        return float(self.signal.min()), float(self.signal.max())

    def figure(self) -> Any:
        """Return a Matplotlib figure: histogram of the observations, left-out parts marked."""
        from matplotlib.figure import Figure

        figure = Figure(figsize=(7, 4), layout="constrained")
        axes = figure.subplots()
        below = np.zeros(len(self._edges) - 1)
        for rule, counts in self._histograms.items():
            share = self.left_out.get(rule)
            label = rule if share is None else f"left out, {rule}: {100 * share:.2g} %"
            axes.stairs(below + counts, self._edges, baseline=below, fill=True, label=label)
            below = below + counts
        axes.set(xlabel="observation (counts)", ylabel="pixels", yscale="symlog")
        axes.legend()
        return figure


def pairs_from_repeats(
    shots: Any, percentiles: tuple[float, float] = (0.5, 99.5)
) -> CalibrationPairs:
    """Make pairs from repeated shots of a static sample.

    The signal is the mean of all n shots. An observation is part of this mean, so its deviation
    from it has a variance too small by (n-1)/n: deviations are stretched by sqrt(n/(n-1)),
    which makes the variance unbiased for any n. (The mean of the other shots would need the
    opposite correction, and where a signal is rare the observation would not scatter around
    it.) The stretched deviation is a mixture of the noise of n shots: with n = 2 its
    distribution is symmetric whatever the noise; skewed noise needs about 10 shots.

    Args:
        shots: array (n, y, x), n at least 2, counts.
        percentiles: of the signal; what lies outside is left out.

    Returns:
        `CalibrationPairs`.

    Raises:
        InputError: too few shots, constant images, NaN or infinity, no range of signals.

    Example:
        >>> random = np.random.default_rng(0)
        >>> clean = np.linspace(100, 200, 10_000).reshape(100, 100)
        >>> shots = clean + random.normal(0, 5, (4, 100, 100))
        >>> pairs = pairs_from_repeats(shots)
        >>> len(pairs)
        39600
    """
    shots = _checked_images(shots, "repeated shots")
    if shots.ndim != 3 or len(shots) < 2:
        raise InputError(
            "Repeated shots must be a stack of at least two images.",
            f"shape {shots.shape}",
            "Give an array (n, y, x) of n shots of the same static sample.",
        )
    n = len(shots)
    signal = shots.mean(axis=0, dtype=np.float64)
    deviation = (shots - signal) * np.sqrt(n / (n - 1))
    hot = _hot_shots(signal, shots)
    # the mean of the others at this place is off, too
    good = ~hot.any(axis=0)
    if good.any():
        span = signal[good].var() - deviation[:, good].var() / n
        _check_span(span, deviation[:, good].var())
    return _select(
        np.broadcast_to(signal, shots.shape),
        signal + deviation,
        shots,
        percentiles,
        hot,
        stretch=np.sqrt(n / (n - 1)),
    )


def pairs_from_images(
    signal: Any, observation: Any, percentiles: tuple[float, float] = (0.5, 99.5)
) -> CalibrationPairs:
    """Make pairs from clean and noisy images; the clean ones may be denoised (bootstrapping).

    Args:
        signal: clean images, counts: (y, x), or (m, y, x).
        observation: noisy images, counts: the shape of `signal`, or several for each clean
            one: (n, y, x) for (y, x); (m·n, y, x), n after n, or (m, n, y, x) for (m, y, x).
        percentiles: of the signal; what lies outside is left out.

    Returns:
        `CalibrationPairs`.

    Raises:
        InputError: shapes that do not match, constant images, NaN or infinity, no range of
            signals.

    Example:
        >>> random = np.random.default_rng(0)
        >>> clean = np.linspace(100, 200, 10_000).reshape(100, 100)
        >>> noisy = clean + random.normal(0, 5, (3, 100, 100))
        >>> pairs = pairs_from_images(clean, noisy)
        >>> pairs.left_out
        {'saturated': 0.0, 'dead': 0.0, 'signal outside percentiles 0.5 to 99.5': 0.01}
    """
    signal = _checked_images(signal, "clean images")
    observation = _checked_images(observation, "noisy images")
    signal = _matched_signal(signal, observation)
    hot = hot_pixels(signal.ravel(), observation.ravel()).reshape(observation.shape)
    if not hot.all():
        noise = np.subtract(observation, signal, dtype=float)
        if hot.any():
            signal_variance, noise = signal[~hot].var(dtype=np.float64), noise[~hot]
        else:
            signal_variance = signal.var(dtype=np.float64)
        _check_span(signal_variance, noise.var())
    return _select(signal, observation, observation, percentiles, hot)


def calibration_pairs(
    signal: Any, observation: Any = None, n_parameters: int = 1
) -> CalibrationPairs:
    """Return the pairs that a fit works on: what every `fit` makes of its arguments.

    Args:
        signal: `CalibrationPairs`, or clean images.
        observation: noisy images; None with `CalibrationPairs`.
        n_parameters: of the noise model; 50 pairs are needed for each.

    Raises:
        InputError: see `pairs_from_images`; or there are too few pixels for the parameters.
    """
    if isinstance(signal, CalibrationPairs):
        pairs = signal
    elif observation is None:
        raise InputError(
            "There are no noisy images.",
            f"{type(signal).__name__} alone",
            "Give clean and noisy images, or what pairs_from_repeats returns.",
        )
    else:
        pairs = pairs_from_images(signal, observation)
    if len(pairs) < _PIXELS_PER_PARAMETER * n_parameters:
        raise InputError(
            "There are too few pixels to fit the noise model.",
            f"{len(pairs)} usable pixels for {n_parameters} parameters",
            f"Give at least {_PIXELS_PER_PARAMETER * n_parameters}, or use a simpler noise model.",
        )
    return pairs


def _checked_images(images: Any, what: str) -> np.ndarray:
    array = np.asarray(images)
    if array.dtype.kind not in "iuf" or array.ndim < 1 or not array.size:
        raise InputError(
            f"The {what} are not images.",
            f"{array.dtype} of shape {array.shape}",
            "Give a NumPy array of numbers, in counts.",
        )
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise InputError(
            f"The {what} hold NaN or infinity.",
            f"{np.size(array) - np.isfinite(array).sum()} such pixels of {array.size}",
            "Leave these images or pixels out.",
        )
    if array.min() == array.max():
        raise InputError(
            f"The {what} are constant: all pixels are equal.",
            f"{array.min()} everywhere, shape {array.shape}",
            "Leave blank images out; a noise model is fitted to dark and bright places.",
        )
    return array


def _matched_signal(signal: np.ndarray, observation: np.ndarray) -> np.ndarray:
    """Return the signal repeated so that it has the shape of the observations."""
    if signal.shape == observation.shape:
        return signal
    if signal.ndim == 2 and observation.ndim == 3 and signal.shape == observation.shape[1:]:
        return np.broadcast_to(signal, observation.shape)
    if signal.ndim == 3 and signal.shape[1:] == observation.shape[-2:]:
        m = len(signal)
        if observation.ndim == 4 and len(observation) == m:
            return np.broadcast_to(signal[:, np.newaxis], observation.shape)
        if observation.ndim == 3 and len(observation) % m == 0:
            return np.repeat(signal, len(observation) // m, axis=0)
    raise InputError(
        "The clean and the noisy images do not match.",
        f"clean {signal.shape}, noisy {observation.shape}",
        "Give (y, x) with (y, x) or (n, y, x), or (m, y, x) with (m, y, x), (m·n, y, x) or "
        "(m, n, y, x).",
    )


def _hot_shots(signal: np.ndarray, shots: np.ndarray) -> np.ndarray:
    """Return which of repeated shots are hot, a mask (n, y, x), from their mean (y, x)."""

    def hot(guess: np.ndarray) -> np.ndarray:
        repeated = np.broadcast_to(guess, shots.shape).ravel()
        return hot_pixels(repeated, shots.ravel()).reshape(shots.shape)

    found = hot(signal)
    # the median is not moved by them, and takes longer
    return hot(np.median(shots, axis=0)) if found.any() else found


def _check_span(signal_variance: float, noise_variance: float) -> None:
    if noise_variance == 0:
        raise InputError(
            "There is no noise: every observation equals its signal.",
            "two equal sets of images",
            "Give the clean (or denoised) images first, the noisy ones second.",
        )
    if signal_variance <= _LEAST_SPAN**2 * noise_variance:
        raise InputError(
            "The signal does not span a range, so noise and signal cannot be related.",
            f"signal varies by {np.sqrt(max(signal_variance, 0)):.3g}, noise by "
            f"{np.sqrt(noise_variance):.3g} counts (standard deviations)",
            "Calibrate on a sample with dark and bright places. For a flat field, measure the "
            "standard deviation and give it to GaussianNoiseModel.",
        )


def _select(
    signal: np.ndarray,
    observation: np.ndarray,
    raw: np.ndarray,
    percentiles: tuple[float, float],
    hot: np.ndarray,
    stretch: float = 1.0,
) -> CalibrationPairs:
    """Leave out piles at the extremes of `raw`, signals they spoil, hot pixels, and tails."""
    signal = np.ravel(signal).astype(np.float32)
    observation, raw = np.ravel(observation), np.ravel(raw)
    saturated, dead = extreme_piles(raw)
    # a shot of the same place as a hot one has a wrong signal
    unusable = hot | hot.any(axis=0) if stretch > 1 else hot
    hot = hot.ravel() & ~(saturated | dead)
    unusable = np.ravel(unusable) & ~(saturated | dead)
    usable = ~(saturated | dead | unusable)
    low, high = np.percentile(signal[usable] if usable.any() else signal, percentiles)
    low, high = np.float32(low), np.float32(high)
    rules = {
        "saturated": saturated,
        "dead": dead,
        HOT: hot,
        f"{HOT} in another shot": unusable,
        "signal near saturation": spoiled_signals(signal, saturated, at_top=True),
        "signal near the dead values": spoiled_signals(signal, dead, at_top=False),
        f"signal outside percentiles {percentiles[0]:g} to {percentiles[1]:g}": (signal < low)
        | (signal > high),
    }
    edges = np.linspace(raw.min(), raw.max(), _FIGURE_BINS + 1)
    left_out, histograms = {}, {}
    kept = np.ones(raw.size, bool)
    for rule, mask in rules.items():
        mask = mask & kept
        if rule.startswith(("signal near", HOT)) and not mask.any():
            continue
        left_out[rule] = float(mask.mean())
        histograms[rule] = np.histogram(raw[mask], edges)[0]
        kept &= ~mask
    histograms = {"used": np.histogram(raw[kept], edges)[0], **histograms}
    _check_kept(signal[kept], left_out)
    if hot.any():
        found = Outliers(int(hot.sum()), hot.size, float(raw[hot].min()), float(raw[hot].max()))
        warnings.warn(
            f"Hot pixels or cosmic rays, far out of the noise: {found}. They are left out of the "
            "calibration.",
            OutlierWarning,
            stacklevel=3,
        )
    return CalibrationPairs(
        signal=signal[kept],
        observation=observation[kept].astype(np.float32),
        step=float(stretch) if np.all(raw == np.rint(raw)) else 0.0,
        left_out=left_out,
        _edges=edges,
        _histograms=histograms,
    )


def _check_kept(signal: np.ndarray, left_out: dict[str, float]) -> None:
    described = ", ".join(f"{100 * share:.2g} % {rule}" for rule, share in left_out.items())
    if not signal.size or signal.min() == signal.max():
        raise InputError(
            "The signal does not span a range once unusable pixels are left out.",
            f"left out: {described}",
            "Calibrate on images that are neither saturated nor blank, or widen the percentiles.",
        )
    unusable = sum(share for rule, share in left_out.items() if "percentiles" not in rule)
    if unusable > _WARNED_SHARE:
        warnings.warn(
            f"Pixels left out of the calibration: {described}. The figure() of what "
            "pairs_from_images or pairs_from_repeats returns shows them.",
            stacklevel=4,
        )
