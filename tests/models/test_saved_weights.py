"""Weights that are not those that were saved, or are no numbers, are refused; none is random."""

import json
import warnings
from collections import Counter

import h5py
import keras
import numpy as np
import pytest
from helpers.keras_files import SEAL, digest, entries, opened, unzipped

from divnoising_tf import BlindSpotDenoiser, DivNoising, GaussianMixtureNoiseModel, InputError
from divnoising_tf.models.model_file import read_model
from divnoising_tf.models.saved_weights import weights_from
from divnoising_tf.posterior.checks import check_trained
from divnoising_tf.training.backup import TrainingBackup


def _model():
    noise = GaussianMixtureNoiseModel((0, 300), n_components=2)
    sizes = {"depth": 2, "latent_channels": 1, "base_channels": 1}
    return DivNoising(noise, data_mean=100.0, data_standard_deviation=20.0, **sizes)


def _blind_spot():
    model = BlindSpotDenoiser(depth=1, base_channels=1)
    model.normalisation.set(100.0, 20.0)
    return model


@pytest.fixture
def path(tmp_path):
    _model().save(tmp_path / "model.keras")
    return tmp_path / "model.keras"


@pytest.mark.parametrize("make", [_model, _blind_spot])
def test_loaded_weights_are_those_that_were_saved(make, tmp_path):
    model = make()
    model.save(tmp_path / "model.keras")
    model.save_weights(tmp_path / "model.weights.h5")
    read, other = read_model(tmp_path / "model.keras"), make()
    other.load_weights(tmp_path / "model.weights.h5")
    assert digest(read.weights) == digest(other.weights) == digest(model.weights)


@pytest.mark.parametrize(
    "place",
    [
        "vars/0",  # of the KL divergence's weight
        "encoder/_levels/container_1/conv2d_1/vars/0",
        "decoder/_levels/container/upsampling_convolution/vars/3",
        "layers/gaussian_mixture_noise_model/vars/2",
        "layers/normalisation/vars/1",
    ],
)
def test_a_changed_weight_is_refused(path, place):
    with opened(path) as file:
        file[place][...] = np.asarray(file[place]) + 0.01
    with pytest.raises(InputError, match=r"not those that were saved.*model\.keras"):
        read_model(path)
    # who does not know of this package's own function is told, too
    with pytest.raises(ValueError, match="not those that were saved"):
        keras.saving.load_model(path)
    with pytest.raises(ValueError, match="not those that were saved"):
        _model().load_weights(path)


def test_a_layer_of_the_unet_that_changed_is_refused(tmp_path):
    path = tmp_path / "model.keras"
    _blind_spot().save(path)
    with opened(path) as file:
        kernel = next(
            name for name in entries(path) if name.endswith("upsampling_convolution/vars/2")
        )
        file[kernel][...] = 0.5
    with pytest.raises(ValueError, match="not those that were saved"):
        keras.saving.load_model(path)


def test_a_digest_that_is_none_is_refused(path):
    with opened(path) as file:
        del file[f"{SEAL}/vars/sha256"]
        file[f"{SEAL}/vars"].create_dataset("sha256", data=[1.0, 2.0])
    with pytest.raises(InputError, match="not those that were saved"):
        read_model(path)


@pytest.mark.parametrize("sealed", [True, False])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_are_no_numbers_are_refused(tmp_path, sealed, value):
    model, path = _model(), tmp_path / "model.keras"
    kernel = model.decoder.weights[0]
    kernel.assign(np.full(kernel.shape, value))
    model.save(path)
    if not sealed:
        with opened(path) as file:
            del file[SEAL]
    with pytest.raises(InputError, match=r"NaN or infinity.*kernel"):
        read_model(path)
    with pytest.raises(ValueError, match="NaN or infinity"):
        keras.saving.load_model(path)
    with pytest.raises(InputError, match="NaN or infinity"):
        check_trained(model)


def test_a_blind_spot_full_of_nan_does_not_denoise():
    model = _blind_spot()
    model.set_weights(
        [np.full(one.shape, np.nan) if one.ndim == 4 else one for one in model.get_weights()]
    )
    with pytest.raises(InputError, match="NaN or infinity"):
        model.denoise(np.ones((8, 8)))


def test_a_file_without_a_digest_is_read_and_a_missing_layer_is_not_passed_over(path):
    weights = digest(read_model(path).weights)
    with opened(path) as file:
        del file[SEAL]
    assert digest(read_model(path).weights) == weights
    with opened(path) as file:
        del file["encoder/_levels/container_1/conv2d"]
    with pytest.raises(ValueError, match="expected 2 variables"):
        read_model(path)


def test_the_error_of_keras_is_not_hidden_by_that_of_the_digest(path):
    with opened(path) as file:
        del file["encoder/_mean"]
    with pytest.raises(ValueError, match="expected 2 variables"):
        read_model(path)


def test_a_mismatch_that_is_asked_for_is_a_warning(path):
    with opened(path) as file:
        del file["encoder/_mean"]
    with pytest.warns(UserWarning, match="could not be loaded"):
        _model().load_weights(path, skip_mismatch=True)


def test_errors_of_other_files_stay_as_they_are(tmp_path):
    with pytest.raises(ValueError, match="keras"), weights_from(tmp_path):
        keras.saving.load_model(tmp_path / "missing.keras")


def test_the_seal_is_no_layer_and_no_weight():
    model = _model()
    classes = sorted(type(layer).__name__ for layer in model.layers)
    assert classes == ["Decoder", "Encoder", "GaussianMixtureNoiseModel", "Normalisation"]
    before = len(model.weights), model.count_params()
    assert model._weights_seal is model._weights_seal
    assert (len(model.weights), model.count_params()) == before


def test_the_layout_of_files_is_that_of_keras_3_15(path, tmp_path):
    before = entries(unzipped("keras-3.15.1", tmp_path) / "divnoising.keras")
    now = entries(path)
    assert now.pop(f"{SEAL}/vars/sha256") == (32 * len(_model().weights),)
    # bounds against hot pixels came later
    for place in (2, 3):
        assert now.pop(f"layers/normalisation/vars/{place}") == (1,)
    assert now == before


def test_files_of_keras_3_15_from_before_are_read(tmp_path):
    folder = unzipped("keras-3.15.1", tmp_path)
    expected = json.loads((folder / "digests.json").read_text())
    for name in ("divnoising", "blind_spot"):
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)
            found = read_model(folder / f"{name}.keras").weights
            assert not Counter(expected[name]) - Counter(digest(found))
    model = _resumed(folder)
    assert not Counter(expected["training"]) - Counter(digest(model.weights))
    assert digest(model.optimizer.variables) == expected["optimiser"]


def test_files_whose_weights_keras_3_14_left_out_are_refused(tmp_path):
    folder = unzipped("keras-3.14.0", tmp_path)
    with pytest.raises(InputError, match=r"Weights are missing.*Keras 3\.14.*train again"):
        read_model(folder / "divnoising.keras")
    with pytest.raises(ValueError, match="expected 2 variables, but received 0"):
        keras.saving.load_model(folder / "divnoising.keras")
    with pytest.raises(InputError, match="does not belong to this model, or is damaged"):
        _resumed(folder)


@pytest.mark.parametrize("value", [0.5, np.nan])
def test_a_training_does_not_go_on_from_other_weights(tmp_path, value):
    folder = unzipped("keras-3.15.1", tmp_path)
    file = folder / "training" / "epoch-0.weights.h5"
    _model_in_training().save_weights(file)
    with h5py.File(file, "r+") as weights:
        weights["encoder/_mean/vars/1"][...] = value
    with pytest.raises(InputError, match=r"epoch-0\.weights\.h5"):
        _resumed(folder)


def _model_in_training():
    model = _model()
    model.compile(optimizer=keras.optimizers.Adam(1e-3))
    model.optimizer.build(model.trainable_variables)
    return model


def _resumed(folder):
    model, backup = _model_in_training(), TrainingBackup(folder / "training")
    backup.set_model(model)
    backup.on_train_begin()
    return model
