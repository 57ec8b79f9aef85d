"""What a user's own keras.json or environment says does not matter, or is refused in a sentence."""

import os
import subprocess
import sys

import keras
import numpy as np
import pytest
from helpers.images import noisy_images

from divnoising_tf import BlindSpotDenoiser, DivNoising, GaussianNoiseModel


@pytest.fixture
def channels_first():
    before = keras.config.image_data_format()

    def switch(wanted):
        keras.config.set_image_data_format("channels_first" if wanted else before)

    yield switch
    switch(False)


def _results():
    """Sample and denoise with networks of one seed."""
    image = noisy_images(1, 16)[0]
    keras.utils.set_random_seed(0)
    model = DivNoising(GaussianNoiseModel(15.0), latent_channels=2, base_channels=2)
    blind_spot = BlindSpotDenoiser(depth=1, base_channels=2)
    for one in (model, blind_spot):
        one.normalisation.set(100.0, 40.0)
    return [model.posterior(image, seed=0).sample(1), blind_spot.denoise(image)]


def test_the_place_of_the_channels_in_other_programs_does_not_matter(channels_first):
    results = []
    for wanted in (False, True):
        channels_first(wanted)
        results.append(_results())
    for one, other in zip(*results, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6)


def _python(program, backend):
    environment = {**os.environ, "KERAS_BACKEND": backend}
    command = [sys.executable, "-c", program]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)


def test_another_backend_is_refused_in_one_sentence():
    done = _python("import divnoising_tf", "jax")
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert "InputError: divnoising_tf needs Keras with the backend TensorFlow." in last
    assert "jax" in last
    assert "KERAS_BACKEND=tensorflow" in last


def test_a_backend_that_is_not_there_is_refused_likewise():
    done = _python("import divnoising_tf", "none_such")
    assert "needs Keras with the backend TensorFlow" in done.stderr.splitlines()[-1]


def test_the_command_takes_tensorflow_by_itself():
    program = (
        "import divnoising_tf_command, divnoising_tf.cli, os, sys\n"
        "print('keras' in sys.modules, os.environ['KERAS_BACKEND'])\n"
    )
    done = _python(program, "none_such")
    assert done.stdout.split() == ["False", "tensorflow"], done.stderr
