"""Every family by the one function that trains, chosen by its name."""

from typing import Literal

import numpy as np
import pytest
from helpers.images import noisy_images
from helpers.two_grids import TwoGrids

import divnoising_tf as dn
from divnoising_tf import GaussianNoiseModel, InputError
from divnoising_tf.models.families import FAMILIES, Entry, network_settings
from divnoising_tf.models.settings import NetworkSettings
from divnoising_tf.training.collapse import PosteriorCollapse
from divnoising_tf.training.settings import TrainingSettings


class _TwoGridsSettings(NetworkSettings):
    family: Literal["two grids"] = "two grids"

    @property
    def multiple(self):
        return 4

    def build(self, noise_model, channels=1, dtype="float32"):
        return TwoGrids(noise_model, channels, dtype=dtype)


SMALL = {
    "divnoising": {"depth": 1, "latent_channels": 4, "base_channels": 4},
    "hierarchical": {"levels": 2, "level_channels": [4, 6], "latent_channels": [2, 3]},
    "two grids": {},
}


@pytest.fixture(params=sorted(SMALL))
def network(request, monkeypatch):
    monkeypatch.setitem(FAMILIES, "two grids", Entry(TwoGrids, _TwoGridsSettings))
    return network_settings({"family": request.param, **SMALL[request.param]})


def test_a_family_is_trained_by_its_name(network):
    settings = TrainingSettings(patch_size=16, batch_size=4, steps_per_epoch=4)
    model, history, restarts = dn.train(
        noisy_images(8), GaussianNoiseModel(15.0), network, settings, epochs=2, precision="float32"
    )
    assert model.family.name == network.family
    assert model.multiple == network.multiple
    assert len(history) == 2
    assert restarts == 0
    assert np.all(np.isfinite(model.posterior(noisy_images(1)[0]).sample(1)))


def test_a_collapsed_training_of_any_family_is_started_anew(network):
    model = network.build(GaussianNoiseModel(15.0))
    model.compile(optimizer="adam")
    before = [one.get_weights()[0] for one in model.networks]
    watch = PosteriorCollapse(minimum_kl=1e6, patience=1, action="restart", max_restarts=1)
    history = model.fit(noisy_images(8), epochs=2, callbacks=[watch], verbose=0).history
    assert watch.restarts == 1
    assert history["beta_weight"] == [1.0, 0.0]
    for old, network_ in zip(before, model.networks, strict=True):
        assert not np.allclose(old, network_.get_weights()[0])


def test_refuses_a_family_that_is_not_there():
    with pytest.raises(InputError, match="no such family"):
        network_settings({"family": "generative adversarial"})
