"""`bioimageio predict` denoises a folder of images as Python does, with both kinds of weights."""

from importlib.metadata import version

import numpy as np
import pytest
import tifffile
from helpers.bioimageio_command import bioimageio
from helpers.zoo_models import METADATA, noisy, small_model

from divnoising_tf.zoo import export, sampling_function

N_SAMPLES, N_AVERAGED = 3, 6
IMAGES = {
    "cell_1.tif": noisy(33, 47),
    "cell_2.tif": noisy(64, 64)[::-1],
    "cell_3.tif": noisy(20, 81).astype(np.float32),
}


@pytest.fixture(scope="module")
def model():
    return small_model()


@pytest.fixture(scope="module")
def folder(model, tmp_path_factory):
    """A folder with package.zip and noisy/, as a user has it."""
    folder = tmp_path_factory.mktemp("predict")
    export(model, folder / "package.zip", noisy(61, 75), N_SAMPLES, N_AVERAGED, metadata=METADATA)
    (folder / "noisy").mkdir()
    for name, image in IMAGES.items():
        tifffile.imwrite(folder / "noisy" / name, image)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize(
    ("weights", "suffix", "read"),
    [("tensorflow_saved_model_bundle", "npy", np.load), ("onnx", "tif", tifffile.imread)],
)
def test_a_folder_is_denoised_as_in_python(model, folder, weights, suffix, read, record_property):
    # as the package's README says it, where a shell lists the files
    files = ",".join(f"noisy/{name}" for name in sorted(IMAGES))
    arguments = ("--inputs", files, "--outputs", weights + "/{sample_id}." + suffix)
    bioimageio("predict", "package.zip", *arguments, "--weight-format", weights, folder=folder)
    reference = sampling_function(model, N_SAMPLES, N_AVERAGED)
    written = sorted((folder / weights).iterdir())
    assert len(written) == len(IMAGES)
    differences = []
    for path, image in zip(written, IMAGES.values(), strict=True):
        expected = reference(image[np.newaxis, ..., np.newaxis].astype(np.float32)).numpy()
        output = read(path)
        assert output.shape == expected.shape
        assert output.dtype == np.float32
        differences.append(np.abs(output - expected).max() / expected[..., 0].std())
    record_property("largest difference", float(np.max(differences)))
    record_property("version", version("bioimageio.core"))
    assert np.max(differences) < 1e-4
