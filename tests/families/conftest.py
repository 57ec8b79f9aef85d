import numpy as np
import pytest
from helpers.families import SMALL_MODELS
from helpers.random_models import MEAN, STANDARD_DEVIATION

from divnoising_tf.latent_noise.noise import latent_noise


@pytest.fixture(scope="session", params=sorted(SMALL_MODELS))
def small_model(request):
    """What makes a model of one family."""
    return SMALL_MODELS[request.param]


@pytest.fixture(scope="session")
def model(small_model):
    return small_model()


@pytest.fixture(scope="session")
def noisy():
    def image(*shape):
        rng = np.random.default_rng(3)
        return rng.normal(MEAN, STANDARD_DEVIATION, shape).astype(np.float32)

    return image


@pytest.fixture(scope="session")
def noises_of():
    """The definition: the noise of a sample at every level."""

    def noises(model, seed, sample, size):
        padded = [-(-length // model.reach.multiple) * model.reach.multiple for length in size]
        return tuple(
            latent_noise(
                seed,
                sample,
                padded[0] // grid.stride,
                padded[1] // grid.stride,
                grid.channels,
                level=level,
            )[np.newaxis]
            for level, grid in enumerate(model.levels)
        )

    return noises
