"""The noise model of a recipe, and the report that judges it."""

from typing import Any

from divnoising_tf.blind_spot.bootstrapping import bootstrap
from divnoising_tf.errors import InputError
from divnoising_tf.noise_models import (
    GaussianMixtureNoiseModel,
    HistogramNoiseModel,
    NoiseModel,
    PoissonGaussianNoiseModel,
    pairs_from_images,
    pairs_from_repeats,
)
from divnoising_tf.noise_models.report import NoiseModelReport
from model_zoo.builder.recipe import MixtureNoise, OtherNoise
from model_zoo.builder.sources import SourceImages

_CLASSES: dict[str, Any] = {
    "gaussian-mixture": GaussianMixtureNoiseModel,
    "poisson-gaussian": PoissonGaussianNoiseModel,
    "histogram": HistogramNoiseModel,
}


def fitted_noise_model(
    noise: MixtureNoise | OtherNoise, images: SourceImages, seed: int
) -> tuple[NoiseModel, NoiseModelReport]:
    """Fit a noise model and judge it.

    Args:
        noise: the recipe's section.
        images: of the source.
        seed: of a denoiser, where one is trained.

    Returns:
        The noise model and its report.

    Raises:
        InputError: the source has no images of that kind, or they do not tell the noise.
    """
    fitted = _CLASSES[noise.kind]
    arguments = {}
    if isinstance(noise, MixtureNoise):
        arguments = {"n_components": noise.gaussians, "n_coefficients": noise.coefficients}
    if noise.method == "bootstrap":
        found = bootstrap(images.training, noise_model=fitted, seed=seed, **arguments)
        return found.noise_model, found.noise_model.report(found.denoised, images.training)
    if noise.method == "pairs":
        clean, noisy = images.pairs
        model = fitted.fit(pairs_from_images(clean, noisy), **arguments)
        return model, model.report(clean, noisy)
    if images.repeats is None:
        raise InputError(
            "This source has no repeated shots of one scene.",
            "noise_model.method: repeats",
            "Use pairs or bootstrap.",
        )
    pairs = pairs_from_repeats(images.repeats)
    model = fitted.fit(pairs, **arguments)
    return model, model.report(pairs)
