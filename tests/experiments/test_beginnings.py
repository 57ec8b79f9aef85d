import numpy as np
import pytest
from helpers.images import noisy_images
from helpers.random_models import random_model

from divnoising_tf.models.divnoising.settings import DivNoisingSettings
from experiments.kinds.beginnings import live_share, run, table
from experiments.recipe import read_recipe

_SMALL = {
    "task": "mnist",
    "options": {"augment": False},
    "steps": 1,
    "network": {"depth": 1, "base_channels": 8, "latent_channels": 4},
    "training": {"patch_size": 16, "batch_size": 2, "steps_per_epoch": 1},
}


def test_a_level_whose_relus_nothing_wakes_is_dead():
    model = random_model()
    images = noisy_images(2)[..., np.newaxis]
    assert 0 < live_share(model, images) <= 1
    _, levels = model.decoder.convolutions()
    last, _ = levels[-1]
    last.bias.assign(np.full(last.bias.shape, -1e6, np.float32))
    assert live_share(model, images) == 0


def test_every_beginning_is_trained_for_the_same_steps(images_folder):
    beginnings = {"ordinary": {}, "late": {"training": {"annealing_start": 9}}}
    result = run({**_SMALL, "beginnings": beginnings}, None, 0)
    ordinary, late = result["rows"]
    assert (ordinary["beginning"], late["beginning"]) == ("ordinary", "late")
    # without the divergence the loss is the reconstruction
    assert late["loss"] == pytest.approx(late["reconstruction"], abs=1e-4)
    assert ordinary["share of noise"] == late["share of noise"]
    record = {
        "seed": 0,
        "minutes": None,
        "machine": {"processor": "a processor", "cores": 2, "versions": {}},
        "result": result,
    }
    text = table("beginnings", None, [record])
    assert "- seeds: 0\n- a processor, 2 cores\n- steps 1\n" in text
    assert f"| late | {late['loss']:g} |" in text


def test_the_recipe_compares_what_divnoising_train_does_under_strong_noise():
    own = read_recipe("beginnings").settings["beginnings"]
    assert (
        DivNoisingSettings(**own["all three"]["network"]) == DivNoisingSettings().for_strong_noise()
    )
    assert own["all three"]["training"]["annealing_start"] > 0
