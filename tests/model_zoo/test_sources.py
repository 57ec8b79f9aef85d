"""The images of each source come in one set of units, with a way to find them."""

import numpy as np
import pytest
from helpers.zoo_recipes import DEMO, TINY, changed, write_w2s

from divnoising_tf.errors import InputError
from model_zoo.builder.noise_model import fitted_noise_model
from model_zoo.builder.recipe import Recipe
from model_zoo.builder.sources import source_images


@pytest.fixture
def w2s(tmp_path, monkeypatch):
    monkeypatch.setenv("DIVNOISING_DATA", str(tmp_path))
    return write_w2s(tmp_path / "w2s")


def test_w2s_brings_the_truth_to_the_units_of_its_shots(w2s):
    images = source_images(Recipe.model_validate(TINY).data, seed=0)
    np.testing.assert_array_equal(images.training, w2s[:80])
    clean, noisy = images.pairs
    np.testing.assert_array_equal(noisy, w2s[:20])
    # half of the clean image was written, and b = 2, c = 0.5 undo it up to rounding
    assert abs((noisy - clean).mean()) < 0.3
    assert 14 < (noisy - clean).std() < 16


def test_electrons_are_counts_by_gain_and_offset(w2s):
    recipe = Recipe.model_validate(changed(data={"units": "electrons"}))
    images = source_images(recipe.data, seed=0)
    np.testing.assert_allclose(images.training, w2s[:80] / 4 + 0.5, rtol=1e-6)
    clean, noisy = images.pairs
    assert abs((noisy - clean).mean()) < 0.1


def test_fields_that_have_no_truth_are_refused(w2s):
    recipe = Recipe.model_validate(
        changed(data={"noise_model_fields": {"first": 1, "last": 21}}),
    )
    with pytest.raises(InputError, match="fields from 1 to 20"):
        source_images(recipe.data, seed=0)


def test_a_missing_file_is_named(w2s, tmp_path):
    (tmp_path / "w2s" / "calibration.csv").unlink()
    with pytest.raises(InputError, match=r"no calibration\.csv in .*w2s\. Set DIVNOISING_DATA"):
        source_images(Recipe.model_validate(TINY).data, seed=0)


@pytest.mark.parametrize("value", [None, "/no/such/folder"])
def test_without_the_folder_of_images_there_is_advice(value, monkeypatch):
    monkeypatch.delenv("DIVNOISING_DATA", raising=False)
    if value:
        monkeypatch.setenv("DIVNOISING_DATA", value)
    with pytest.raises(InputError, match="set DIVNOISING_DATA to the folder"):
        source_images(Recipe.model_validate(TINY).data, seed=0)


def test_w2s_has_no_repeats(w2s):
    recipe = Recipe.model_validate(changed(noise_model={"method": "repeats"}))
    images = source_images(recipe.data, seed=0)
    with pytest.raises(InputError, match="no repeated shots"):
        fitted_noise_model(recipe.noise_model, images, seed=0)


def test_the_demos_noise_is_that_of_its_camera():
    recipe = Recipe.model_validate(
        {**changed(noise_model={"method": "repeats"}), "data": DEMO | {"exposures": 3}}
    )
    images = source_images(recipe.data, seed=0)
    assert images.training.shape == (1, 512, 512)
    assert images.repeats.shape == (3, 512, 512)
    assert images.test_image.shape == images.truth.shape == (192, 192)
    assert abs((images.test_image - images.truth).mean()) < 0.5
    noise_model, report = fitted_noise_model(recipe.noise_model, images, seed=0)
    # gain 4 counts per electron, 5 electrons, read noise of 8 counts
    assert noise_model.variance([120.0]).numpy()[0] == pytest.approx(4 * 20 + 64, rel=0.05)
    assert report.verdict in ("good", "doubtful")
