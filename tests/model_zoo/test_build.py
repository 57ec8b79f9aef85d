"""A package is built, and built again, from its recipe."""

import io
import zipfile

import keras
import numpy as np
import pytest
from helpers.zoo_recipes import TINY, changed, write_w2s

from divnoising_tf.errors import InputError
from divnoising_tf.zoo import load, read_metadata
from model_zoo.builder import build_package
from model_zoo.builder.build import generated_pair
from model_zoo.builder.recipe import Recipe


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    write_w2s(folder / "w2s")
    return folder


@pytest.fixture
def images(data, monkeypatch):
    """Let recipes find the images; return the noisy ones, (120, y, x)."""
    monkeypatch.setenv("DIVNOISING_DATA", str(data))
    with np.load(data / "w2s" / "noisy_avg1_fov001-120.npz") as file:
        return file["images"]


@pytest.fixture(scope="module")
def package(data, tmp_path_factory):
    path = tmp_path_factory.mktemp("built") / "package.zip"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DIVNOISING_DATA", str(data))
        return build_package(Recipe.model_validate(TINY), path)


def member(package, name):
    with zipfile.ZipFile(package) as archive:
        return archive.read(name)


def packed_image(package):
    return np.load(io.BytesIO(member(package, "test_input.npy")))[0, ..., 0]


def test_a_package_is_built_as_its_recipe_says(package):
    model = load(package)
    assert (model.depth, model.latent_channels, model.base_channels) == (1, 6, 8)
    # the noise of the blobs has a standard deviation of 15 counts
    assert model.noise_model.variance([100.0]).numpy()[0] == pytest.approx(225, rel=0.1)
    output = np.load(io.BytesIO(member(package, "test_output.npy")))
    assert output.shape == (1, 24, 24, 4)


def test_the_readme_tells_data_training_report_and_command(package):
    readme = member(package, "README.md").decode("utf-8")
    for text in (
        "On blobs.",
        "fields of view 1 to 80",
        "published: github.com/IVRL/w2s",
        "steps of 4 patches of 16 × 16 pixels",
        "Built by `python -m model_zoo build tiny`",
        "Verdict: ",
        "drawn by the model itself",
    ):
        assert text in readme
    assert "On blobs." in read_metadata(package)["training"]


def test_a_generated_test_image_comes_from_the_model_alone(package, images):
    shown = packed_image(package)
    noisy, _ = generated_pair(load(package), size=24, seed=0)
    np.testing.assert_allclose(shown, noisy, atol=1e-2)
    assert not np.isin(shown, images).any()


def test_a_test_image_of_the_data_has_its_psnr(images, tmp_path):
    recipe = Recipe.model_validate(
        changed(package={"test_image": "data", "kind": "mmse", "n_samples": 0})
    )
    package = build_package(recipe, tmp_path / "package.zip")
    np.testing.assert_array_equal(packed_image(package), images[0, 4:28, 4:28])
    readme = member(package, "README.md").decode("utf-8")
    assert "PSNR in dB" in readme
    assert "drawn by the model itself" not in readme


def test_no_time_is_refused(images, tmp_path):
    with pytest.raises(InputError, match="positive"):
        build_package(Recipe.model_validate(TINY), tmp_path / "package.zip", minutes=0)


class Collapse(keras.callbacks.Callback):
    """Leaves the trained encoder with the prior as its answer to every image."""

    def on_train_end(self, logs=None):
        _, heads = self.model.encoder.convolutions()
        for head in heads:
            head.set_weights([np.zeros_like(weight) for weight in head.get_weights()])


def test_a_collapsed_model_is_not_packaged(images, tmp_path):
    recipe = Recipe.model_validate(TINY)
    with pytest.raises(InputError, match=r"has collapsed.*0 of 6 latent channels.*training\.seed"):
        build_package(recipe, tmp_path / "package.zip", callbacks=[Collapse()])
    assert not any(tmp_path.iterdir())
