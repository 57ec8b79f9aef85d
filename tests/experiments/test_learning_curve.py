import json
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from divnoising_tf.metrics import psnr
from experiments.divnoising import _averaged_weights
from experiments.kinds.learning_curve import run, table
from experiments.recipe import read_recipe
from experiments.results_store import records
from experiments.runner import chosen_parts, run_parts
from experiments.tasks import load_task

_SETTINGS = {
    "marks": [1e-6, 1e-5, 1.0],
    "images": [1],
    "all_images_from": 1e-5,
    "samples": 4,
    "blind_spot": True,
}


@pytest.fixture
def blind_spot(monkeypatch):
    """Stands for Noise2Void: all results are 2 counts off the truth; notes what it was given."""
    given = []

    def denoise(task, minutes, seed):
        given.append((len(task.train), task.most_steps, minutes, seed))
        return SimpleNamespace(images=[truth + 2 for truth in task.test_signal])

    monkeypatch.setitem(run.__globals__["METHODS"], "noise2void", SimpleNamespace(denoise=denoise))
    return given


def test_every_mark_below_the_time_and_its_end_are_measured(
    images_folder, write_recipe, blind_spot
):
    row = read_recipe("tiny", write_recipe()).rows["digits"]
    row = row.model_copy(update={"training": row.training.model_copy(update={"most_steps": 50})})
    result = run({**_SETTINGS, "row": row}, 1e-4, 7)
    assert json.loads(json.dumps(result)) == result
    assert [one["minutes"] for one in result["curve"]] == [1e-6, 1e-5, 1e-4]
    steps = [one["steps"] for one in result["curve"]]
    assert steps == sorted(set(steps))
    assert result["steps"] == steps[-1]
    # some images at first, all of them later
    first, *later = result["curve"]
    assert "PSNR, 2 images" not in first
    assert list(first["PSNR by image"]) == ["2"]
    for one in later:
        assert one["PSNR, 1 image"] == one["PSNR by image"]["2"]
        mean = np.mean(list(one["PSNR by image"].values()))
        assert one["PSNR, 2 images"] == pytest.approx(mean, abs=0.011)
    assert result["learning rate"] == "0.001, halved by step 4000, as 1 / time"
    task = load_task("mnist", row.options)
    expected = [psnr(*pair, 255) for pair in zip(task.test_signal, task.test, strict=True)]
    noisy = result["noisy image"]
    assert list(noisy["PSNR by image"].values()) == pytest.approx(expected, abs=0.006)
    assert noisy["PSNR, 2 images"] == pytest.approx(np.mean(expected), abs=0.006)
    assert blind_spot == [(12, 50, 1e-4, 7)]
    assert result["blind spot"]["PSNR, 2 images"] == pytest.approx(42.11, abs=0.01)


def test_weights_are_averaged_for_a_while_and_then_those_of_the_training():
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5), "mse")
    model.build()
    begun = model.get_weights()[1][0]
    own = []
    for _ in range(2):
        model.train_on_batch(np.zeros((1, 1)), np.ones((1, 1)))
        own.append(model.get_weights()[1][0])
    with _averaged_weights(model):
        averaged = model.get_weights()[1][0]
    assert begun < averaged < own[-1]
    assert model.get_weights()[1][0] == own[-1]


def test_the_table_has_a_line_for_every_mark_and_says_the_conditions_once(
    write_recipe, results_folder, monkeypatch
):
    rows = {
        name: {"title": title, "published": "nowhere", "task": "mnist"}
        for name, title in (("a", "Digits A"), ("b", "Digits B"))
    }
    changes = {"kind": "learning_curve", "methods": ["divnoising"], "settings": _SETTINGS}
    recipe = read_recipe("tiny", write_recipe(rows=rows, **changes))

    def measured(settings, minutes, seed):
        assert settings["marks"] == _SETTINGS["marks"]
        scores = {"PSNR, 1 image": 20.0 + seed, "PSNR by image": {"1": 20.0 + seed}}
        curve = [{"minutes": mark, "steps": 9, **scores} for mark in (5, 15)]
        curve[-1]["PSNR, 2 images"] = 19.5
        return {"noisy image": scores, "curve": curve, "steps": 9, "precision": "float32"}

    machine = {"processor": "a processor", "cores": 2, "versions": {}}
    monkeypatch.setattr("experiments.kinds.learning_curve.run", measured)
    monkeypatch.setattr("experiments.runner.machine", lambda: machine)
    assert run_parts(recipe, chosen_parts("tiny", recipe, seeds=[0, 1])) == []
    found = records("tiny", recipe)
    lines = table("tiny", recipe, found).splitlines()
    assert lines[0] == "`python -m experiments run tiny`"
    assert lines[2] == "- Digits A; Digits B: precision: float32; a processor, 2 cores"
    assert lines[4] == "| data | seed | minutes | steps | PSNR, 1 image | PSNR, 2 images |"
    assert len(lines) == 6 + 2 * 2 * 3
    assert lines[6] == "| Digits A | 0 | noisy image |  | 20.0 |  |"
    assert lines[-1] == "| Digits B | 1 | 15 | 9 | 21.0 | 19.5 |"
    assert table("tiny", recipe, []).endswith("not run yet.")
    # what the kind was told is kept with the row
    assert found[0]["recipe"]["settings"] == _SETTINGS
    assert found[0]["recipe"]["task"] == "mnist"
