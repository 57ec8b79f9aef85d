"""Samples of a region are the whole image's, cropped."""

import numpy as np
import pytest
from random_models import STANDARD_DEVIATION, random_model

from divnoising_tf.posterior.latent_noise import plane_seed
from divnoising_tf.posterior.regions import checked_region, region_samples


@pytest.mark.parametrize("depth", [1, 2])
def test_a_region_is_a_crop_of_the_whole(rng, depth):
    model = random_model(depth=depth)
    image = rng.normal(100, 20, (61, 75)).astype(np.float32)
    whole = model.posterior(image, seed=4).sample(3)
    for rows, columns in [(slice(20, 31), slice(33, 40)), (slice(0, 61), slice(74, 75))]:
        part = region_samples(model, image[..., np.newaxis], (rows, columns), plane_seed(4, 0), 3)
        difference = np.abs(part[..., 0] - whole[:, rows, columns]).max()
        assert difference < 1e-4 * STANDARD_DEVIATION


def test_negative_ends_count_from_the_end():
    assert checked_region(slice(-5, None), slice(None, -1), (20, 30)) == (
        slice(15, 20),
        slice(0, 29),
    )
