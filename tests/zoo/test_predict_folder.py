"""`bioimageio predict` denoises a folder of images with a package, as a user would type it."""

from importlib.metadata import version

import numpy as np
import pytest
import tifffile
from bioimageio_command import run_bioimageio
from zoo_models import METADATA, noisy, small_model

from divnoising_tf.zoo import export, sampling_function

SIZES = {"cell_a": (40, 52), "cell_b": (33, 47)}
COUNTS = {"n_samples": 2, "n_averaged": 4}
FORMATS = ("tensorflow_saved_model_bundle", "onnx")


@pytest.fixture(scope="module")
def model():
    return small_model()


@pytest.fixture(scope="module")
def folder(model, tmp_path_factory):
    """A folder with a package and a folder of images, each of its own size."""
    folder = tmp_path_factory.mktemp("predict")
    export(model, folder / "package.zip", noisy(61, 75), metadata=METADATA, **COUNTS)
    (folder / "images").mkdir()
    for name, size in SIZES.items():
        tifffile.imwrite(folder / "images" / f"{name}.tif", noisy(*size))
    return folder


@pytest.mark.parametrize("weights", FORMATS)
def test_a_folder_is_denoised(folder, model, weights, tmp_path, record_property):
    record_property("version", version("bioimageio.core"))
    files = sorted((folder / "images").glob("*.tif"))
    # --inputs once for each image
    inputs = [word for file in files for word in ("--inputs", file)]
    outputs = ("--outputs", tmp_path / "{sample_id}_{output_id}.tif")
    package = folder / "package.zip"
    run_bioimageio(tmp_path, "predict", package, "--weight-format", weights, *inputs, *outputs)

    outputs = sorted(tmp_path.glob("*output.tif"))
    assert len(outputs) == len(files)
    reference = sampling_function(model, **COUNTS)
    differences = []
    for file, output in zip(files, outputs, strict=True):
        image = tifffile.imread(file).astype(np.float32)[np.newaxis, ..., np.newaxis]
        expected = reference(image).numpy()
        result = tifffile.imread(output)
        assert result.shape == expected.shape
        differences.append(np.abs(result - expected).max() / expected[..., 0].std())
    record_property("largest difference", float(max(differences)))
    assert max(differences) < 1e-4
