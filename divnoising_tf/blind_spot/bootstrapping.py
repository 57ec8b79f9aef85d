"""A noise model from nothing but noisy images: denoise them, and look at what was taken away."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from divnoising_tf.blind_spot import BlindSpotDenoiser, fit_blind_spot
from divnoising_tf.errors import InputError
from divnoising_tf.noise_models import (
    CalibrationPairs,
    GaussianMixtureNoiseModel,
    NoiseModel,
    pairs_from_images,
)


@dataclass(frozen=True)
class Bootstrap:
    """What bootstrapping found.

    Attributes:
        noise_model: the fitted noise model.
        denoised: the denoised images that served as signal, counts.
        pairs: of denoised and noisy pixels, with what was left out of the fit.
        denoiser: the blind-spot denoiser, None if denoised images were brought along.
    """

    noise_model: NoiseModel
    denoised: np.ndarray
    pairs: CalibrationPairs
    denoiser: BlindSpotDenoiser | None = None


def bootstrap(
    noisy: Any,
    denoised: Any = None,
    noise_model: type[NoiseModel] = GaussianMixtureNoiseModel,
    steps: int = 1500,
    minutes: float | None = None,
    seed: int = 0,
    **fit_arguments: Any,
) -> Bootstrap:
    """Fit a noise model to noisy images alone.

    Prakash, Lalit, Tomancak, Krull, Jug: Fully Unsupervised Probabilistic Noise2Void, ISBI 2020.
    The denoised images stand for the signal. Without any, a blind-spot denoiser is trained,
    which takes minutes. It needs noise that is independent from pixel to pixel. Where it blurs
    fine structure, the noise comes out stronger than it is; an own denoiser that has seen the
    noise of a pixel, such as a filter, keeps a part of it, and the noise comes out weaker.

    Args:
        noisy: noisy images, counts, (y, x) or (n, y, x).
        denoised: the same images denoised by any method, in the same counts; or one (y, x) for
            n shots of a static sample. None trains a `BlindSpotDenoiser`.
        noise_model: class to fit, with a `fit` method: `GaussianMixtureNoiseModel`,
            `HistogramNoiseModel` or `PoissonGaussianNoiseModel`.
        steps: of the training of the denoiser, see `fit_blind_spot`.
        minutes: when the training ends at the latest.
        seed: of the denoiser.
        **fit_arguments: for the noise model's `fit`, such as `n_components`.

    Returns:
        A `Bootstrap`: `noise_model`, `denoised`, and how they came about. Judge it by
        `result.noise_model.report(result.denoised, noisy)`.

    Raises:
        InputError: the images cannot be used, see `pairs_from_images` and `fit_blind_spot`.

    Example:
        >>> random = np.random.default_rng(0)
        >>> signal = np.tile(np.linspace(100, 200, 200), (100, 1))
        >>> result = bootstrap(random.normal(signal, 5), denoised=signal, n_components=1)
        >>> result.noise_model
        GaussianMixtureNoiseModel(1 components, 2 coefficients, ...)
    """
    noisy = np.asarray(noisy)
    if noisy.ndim not in (2, 3):
        raise InputError(
            "Bootstrapping works on one image or a stack.",
            f"shape {noisy.shape}",
            "Give (y, x) or (n, y, x); for several channels, one after the other.",
        )
    denoiser = None
    if denoised is None:
        denoiser = fit_blind_spot(noisy, steps=steps, minutes=minutes, seed=seed)
        denoised = denoiser.denoise(noisy)
    denoised = np.asarray(denoised)
    pairs = pairs_from_images(denoised, noisy)
    fitted = noise_model.fit(pairs, **fit_arguments)
    return Bootstrap(fitted, denoised, pairs, denoiser)
