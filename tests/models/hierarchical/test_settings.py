import json

import pytest
from pydantic import ValidationError

from divnoising_tf import GaussianNoiseModel
from divnoising_tf.models.families import network_settings
from divnoising_tf.models.hierarchical.settings import HierarchicalSettings

SIZES = {"levels": 2, "level_channels": [4, 6], "latent_channels": [2, 3]}


def test_settings_of_a_file_are_the_arguments_of_the_model():
    settings = network_settings({"family": "hierarchical", **SIZES, "beta": 0.5})
    again = network_settings(json.loads(settings.model_dump_json()))
    assert again == settings
    model = again.build(GaussianNoiseModel(5.0), channels=3)
    assert (model.level_channels, model.latent_channels) == ((4, 6), (2, 3))
    assert (model.channels, model.beta, model.multiple) == (3, 0.5, settings.multiple)


def test_the_defaults_are_those_of_the_model():
    model = HierarchicalSettings().build(GaussianNoiseModel(5.0))
    assert model.level_channels == (64, 64, 96)
    assert model.initial_log_variance == -4.0


@pytest.mark.parametrize(
    "wrong", [{"levels": 3}, {"latent_channels": [2, -1]}, {"latent_channels": [2.0, 1.0]}]
)
def test_refuses_sizes_that_no_model_can_have(wrong):
    with pytest.raises(ValidationError):
        HierarchicalSettings(**{**SIZES, **wrong})
