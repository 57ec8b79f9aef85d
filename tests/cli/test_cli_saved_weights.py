"""What the command says about models whose weights are not those that were saved."""

import keras
import numpy as np
import pytest
from helpers.keras_files import opened, unzipped

from divnoising_tf import DivNoising, GaussianNoiseModel


@pytest.fixture
def saved(tmp_path):
    model = DivNoising(
        GaussianNoiseModel(15.0),
        depth=1,
        latent_channels=1,
        base_channels=1,
        data_mean=100.0,
        data_standard_deviation=40.0,
    )
    model.compile(optimizer=keras.optimizers.Adam(1e-3))
    model.optimizer.build(model.trainable_variables)
    model.save(tmp_path / "model.keras")
    return tmp_path / "model.keras"


def _generate(model, folder):
    return ("generate", "-m", model, "-o", folder / "out.tif", "--size", 8, 8)


def test_a_model_whose_weights_changed_is_refused_with_its_name(saved, refused, tmp_path):
    with opened(saved) as file:
        file["decoder/_entry/vars/1"][...] = 1.0
    refused("not those that were saved", tmp_path, *_generate(saved, tmp_path))
    refused("model.keras", tmp_path, *_generate(saved, tmp_path))


def test_a_model_full_of_nan_is_refused(saved, refused, tmp_path):
    with opened(saved) as file:
        file["decoder/_entry/vars/1"][...] = np.nan
    refused("NaN or infinity", tmp_path, *_generate(saved, tmp_path))


def test_a_model_whose_weights_keras_left_out_is_refused(refused, tmp_path):
    model = unzipped("keras-3.14.0", tmp_path) / "divnoising.keras"
    refused("Weights are missing", tmp_path, *_generate(model, tmp_path))


def test_what_keras_does_not_find_in_a_file_is_said(saved, run, tmp_path):
    result = run(*_generate(saved, tmp_path))
    assert result.exit_code == 0
    assert "Warning" not in result.output
    with opened(saved) as file:
        del file["optimizer"]
    result = run(*_generate(saved, tmp_path), "--overwrite")
    assert result.exit_code == 0
    assert "Warning: Skipping variable loading for optimizer" in result.output
