"""Coefficients of a Gaussian mixture: polynomials of the signal, and values to start from."""

from typing import Any

import numpy as np
import tensorflow as tf

from divnoising_tf.errors import InputError


def initial_coefficients(
    variances: Any, n_components: int, spread: str = "mean", seed: int = 0
) -> np.ndarray:
    """Return coefficients of a mixture that has nearly the given variance, to start a fit from.

    Args:
        variances: coefficients of the variance as a polynomial of t, counts squared, not
            negative, (C,).
        n_components: number of Gaussians, K.
        spread: "mean": components beside each other; "variance": narrow and wide ones.
        seed: of small differences between components; equal ones would stay equal.

    Returns:
        float64 array (3K, C) in the layout of `GaussianMixtureNoiseModel`.
    """
    rates = np.asarray(variances, np.float64)
    # exp cannot give 0, and where it is nearly 0 the gradient vanishes
    rates = np.maximum(rates, 1e-3 * rates.sum())
    places = np.linspace(-1, 1, n_components) if n_components > 1 else np.zeros(1)
    shape = (n_components, len(rates))
    means, logits = np.zeros(shape), np.zeros(shape)
    log_variances = np.tile(np.log(rates), (n_components, 1))
    if spread == "mean":
        dark, bright = np.sqrt(rates[0]), np.sqrt(rates.sum())
        means[:, 0] = 0.7 * places * dark
        means[:, 1:2] = (0.7 * places * (bright - dark))[:, np.newaxis]
        log_variances += np.log(1 - 0.49 * np.mean(places**2))
    else:
        log_variances += 1.2 * places[:, np.newaxis]
        log_variances -= np.log(np.mean(np.exp(1.2 * places)))
    jitter = np.random.default_rng(seed).normal(size=shape) * 0.01 * (n_components > 1)
    return np.concatenate([means, log_variances + jitter, logits])


def linear_variances(dark: float, bright: float, n_coefficients: int) -> np.ndarray:
    """Return coefficients (C,) of a variance that rises linearly; their mean if C is 1.

    Args:
        dark: variance at t = 0, counts squared.
        bright: variance at t = 1, counts squared.
        n_coefficients: C.
    """
    if n_coefficients == 1:
        return np.array([0.5 * (dark + bright)])
    variances = np.zeros(n_coefficients)
    variances[:2] = dark, max(bright - dark, 0.0)
    return variances


def polynomials(coefficients: tf.Tensor, position: tf.Tensor) -> list[tf.Tensor]:
    """Return Σ_i c_ki t^i for each of K rows of coefficients, by Horner's rule."""
    values = []
    for row in tf.unstack(coefficients):
        *lower, value = tf.unstack(row)
        value += tf.zeros_like(position)
        for coefficient in reversed(lower):
            value = coefficient + position * value
        values.append(value)
    return values


def check_size(n_components: int, n_coefficients: int) -> None:
    """Refuse a mixture of nothing (`InputError`)."""
    if n_components < 1 or n_coefficients < 1:
        raise InputError(
            "A mixture needs at least one component and one coefficient.",
            f"n_components={n_components}, n_coefficients={n_coefficients}",
            "The defaults are 3 and 2.",
        )


def checked_coefficients(values: Any, n_components: int, n_coefficients: int) -> np.ndarray:
    """Return coefficients as float64 (3K, C); refuse others (`InputError`)."""
    array = np.asarray(values, np.float64)
    if array.shape != (3 * n_components, n_coefficients) or not np.isfinite(array).all():
        raise InputError(
            "The coefficients do not describe the mixture.",
            f"shape {array.shape}, {'finite' if np.isfinite(array).all() else 'not finite'}",
            f"Give finite values of shape {(3 * n_components, n_coefficients)}: rows of means, "
            "log-variances and weights.",
        )
    return array


def checked_range(signal_range: tuple[float, float] | None) -> tuple[float, float]:
    """Return the signal range, counts; refuse that there is none (`InputError`)."""
    if signal_range is None:
        raise InputError(
            "A Gaussian mixture needs a signal range.",
            None,
            "Give the lowest and the highest signal of the calibration, in counts.",
        )
    return signal_range
