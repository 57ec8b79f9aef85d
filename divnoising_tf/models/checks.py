"""What the arguments of the model and of its networks must be."""

from typing import Any

import numpy as np

from divnoising_tf.errors import InputError
from divnoising_tf.models.latents import LOG_VARIANCE_RANGE
from divnoising_tf.noise_models import NoiseModel


def check_architecture(**sizes: int) -> None:
    """Refuse sizes of the networks that are not positive whole numbers.

    Raises:
        InputError: naming the first size that cannot be used.
    """
    for name, value in sizes.items():
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise InputError(
                f"{name} must be a whole number of at least 1.", repr(value), "The default works."
            )


def check_noise_model(noise_model: Any) -> None:
    """Refuse what is not a noise model, such as a bare standard deviation.

    Raises:
        InputError: it is something else.
    """
    if not isinstance(noise_model, NoiseModel):
        raise InputError(
            "noise_model is not a noise model.",
            type(noise_model).__name__,
            "Give one of divnoising_tf.noise_models, for example "
            "GaussianMixtureNoiseModel.fit(signal, observation).",
        )


def check_beta(beta: float) -> None:
    """Refuse a weight of the KL divergence that is negative or not finite.

    Raises:
        InputError: it is.
    """
    if not (np.isfinite(beta) and beta >= 0):
        raise InputError("beta must be finite and not negative.", beta, "The default is 1.")


def check_initial_log_variance(value: float) -> None:
    """Refuse a log-variance to begin with that a float32 variance cannot have.

    Raises:
        InputError: it is not finite or beyond what the encoder gives.
    """
    low, high = LOG_VARIANCE_RANGE
    if not low <= value <= high:
        raise InputError(
            f"initial_log_variance must be from {low:g} to {high:g}.", value, "The default works."
        )


def check_statistics(mean: Any, standard_deviation: Any) -> None:
    """Refuse one of the data's mean and standard deviation without the other.

    Raises:
        InputError: one of them is None.
    """
    if mean is None or standard_deviation is None:
        raise InputError(
            "The mean and the standard deviation of the data belong together.",
            f"data_mean={mean}, data_standard_deviation={standard_deviation}",
            "Give both, or neither: fit measures them.",
        )
