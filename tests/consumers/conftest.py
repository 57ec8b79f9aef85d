"""ONNX models, and what they must give in every consumer: a small one, and the model zoo's."""

import keras
import numpy as np
import pytest
from helpers.consumer_tools import outputs
from helpers.zoo_packages import archive_of, tensors_of_test, unzipped

from divnoising_tf.models.divnoising.model import DivNoising
from divnoising_tf.noise_models import GaussianNoiseModel
from divnoising_tf.zoo import sampling_function
from divnoising_tf.zoo.onnx_graph import onnx_model

DEVIATION = 20.0
COUNTS = {"n_samples": 3, "n_averaged": 7}


@pytest.fixture(scope="session")
def model():
    keras.utils.set_random_seed(3)
    return DivNoising(
        GaussianNoiseModel(5.0),
        latent_channels=6,
        base_channels=8,
        data_mean=100.0,
        data_standard_deviation=DEVIATION,
    )


@pytest.fixture(scope="session")
def onnx_file(model, tmp_path_factory):
    path = tmp_path_factory.mktemp("onnx") / "model.onnx"
    path.write_bytes(onnx_model(model, **COUNTS).SerializeToString())
    return path


@pytest.fixture
def check_consumer(model, onnx_file, compare):
    """Run noisy images through a program and compare with the reference."""
    reference = sampling_function(model, **COUNTS)
    rng = np.random.default_rng(0)

    def check(command, *shapes):
        images = [rng.normal(100, DEVIATION, shape).astype(np.float32) for shape in shapes]
        expected = [reference(image).numpy() for image in images]
        return compare((*command, onnx_file), images, expected)

    return check


@pytest.fixture
def check_package(compare, tmp_path):
    """Run the test image of a package of model_zoo/ through a program."""

    def check(command, name):
        folder = unzipped(archive_of(name), tmp_path / "package")
        image, expected = tensors_of_test(folder)
        return compare((*command, folder / "model.onnx"), [image], [expected])

    return check


@pytest.fixture
def compare(tmp_path, record_property):
    """Run images through a program and compare with what is expected.

    Differences are in standard deviations of the expected mean image; one pixel has none, and
    takes that of the data. They go to the report of the tests, with the seconds.
    """

    def check(command, images, expected):
        results = outputs(tmp_path, command, images)
        differences = []
        for image, wanted, (output, said) in zip(images, expected, results, strict=True):
            assert output.shape == wanted.shape
            deviation = wanted[..., 0].std() if image.size > 1 else DEVIATION
            difference = np.abs(output - wanted).max() / deviation
            differences.append(difference)
            name = "x".join(map(str, image.shape))
            record_property(name, f"difference {difference:.1e}, {said['seconds']} s")
        everything = [said for _, said in results]
        # NumPy's, which does not lose a NaN
        largest = float(np.max(differences))
        record_property("largest difference", largest)
        record_property("seconds", sum(said["seconds"] for said in everything))
        record_property("version", everything[0].get("version") or everything[0]["library"])
        assert largest < 1e-4
        return everything

    return check
