import platform
from pathlib import Path

import keras
import numpy as np
import pytest
from helpers import maven
from helpers.consumer_tools import missing
from helpers.zoo_packages import unzipped

from divnoising_tf import DivNoising, GaussianNoiseModel
from divnoising_tf.zoo import export, sampling_function

N_SAMPLES, N_AVERAGED = 3, 7
MEAN, DEVIATION, NOISE = 100.0, 40.0, 15.0
# the machines that TensorFlow for Java runs on, and its names for them
_PLATFORMS = {
    ("Linux", "x86_64"): "linux-x86_64",
    ("Darwin", "x86_64"): "macosx-x86_64",
    ("Windows", "AMD64"): "windows-x86_64",
}


def waves(height, width, seed=0):
    """Return a noisy image of waves, (y, x), float32, counts."""
    y, x = np.mgrid[:height, :width]
    signal = MEAN + 1.5 * DEVIATION * np.sin(y / 5) * np.cos(x / 7)
    noise = np.random.default_rng(seed).normal(0, NOISE, (height, width))
    return (signal + noise).astype(np.float32)


@pytest.fixture(scope="session")
def noisy():
    return waves


@pytest.fixture(scope="session")
def model():
    """A tiny model without training, its kernels grown so that its signal varies like an image."""
    keras.utils.set_random_seed(3)
    model = DivNoising(
        GaussianNoiseModel(NOISE),
        depth=2,
        latent_channels=6,
        base_channels=8,
        data_mean=MEAN,
        data_standard_deviation=DEVIATION,
    )
    for weight in model.encoder.weights + model.decoder.weights:
        if weight.name.endswith("kernel"):
            weight.assign(1.3 * weight)
    return model


@pytest.fixture(scope="session")
def sampled(model):
    """What the Python package gives for float32 images (batch, y, x, channel)."""
    function = sampling_function(model, N_SAMPLES, N_AVERAGED)
    return lambda images: function(images).numpy()


@pytest.fixture(scope="session")
def package(model, tmp_path_factory):
    """The folder of an exported package, unzipped."""
    folder = tmp_path_factory.mktemp("package")
    archive = export(
        model,
        folder / "model.zip",
        waves(61, 75),
        N_SAMPLES,
        N_AVERAGED,
        name="DivNoising test model",
        description="Tests the engines of Fiji.",
        authors=["Ada Lovelace"],
        license="CC-BY-4.0",
    )
    return unzipped(archive, folder / "unzipped")


@pytest.fixture(scope="session")
def program():
    """Build a module for a version of TensorFlow for Java; return what runs a program of it."""
    maven.tools()
    machine = platform.system(), platform.machine()
    if machine not in _PLATFORMS:
        missing(f"there is no TensorFlow for Java for {' '.join(machine)}")

    def build(module, tensorflow_version="0.5.0"):
        class_path = maven.built(
            Path(__file__).parent,
            module,
            f"target/tensorflow-{tensorflow_version}",
            tensorflow_version=tensorflow_version,
            tensorflow_platform=_PLATFORMS[machine],
        )

        def run(name, *arguments):
            return maven.run(class_path, f"divnoising.fiji.{name}", *arguments)

        return run

    return build


@pytest.fixture
def assert_same_samples(record_property):
    """Assert that an output is that of Python; the difference is kept in the test's report."""

    def check(actual, expected, deviation=DEVIATION):
        """Compare, in units of the standard deviation of the image, counts."""
        assert actual.shape == expected.shape
        assert actual.dtype == np.float32
        difference = float(np.abs(actual - expected).max() / deviation)
        record_property("largest difference", difference)
        assert difference <= 1e-4

    return check
