import dataclasses
import json
import math
import sys
from types import ModuleType

import numpy as np
import pytest

from divnoising_tf import InputError
from experiments import __main__ as command
from experiments.recipe import read_recipe
from experiments.results_store import Part, read_record, records
from experiments.runner import chosen_parts, run_parts
from experiments.task import Denoised
from experiments.tasks import load_task


@pytest.fixture
def calls(monkeypatch):
    """A kind that notes what it is asked for; the seed 13 fails."""
    made = []

    def run(settings, minutes, seed):
        made.append((settings.get("method"), minutes, seed))
        if seed == 13:
            raise RuntimeError("unlucky")
        return {"scores": {"noisy": 20.0 + seed}}

    kind = ModuleType("experiments.kinds.table1")
    kind.run = run
    monkeypatch.setitem(sys.modules, "experiments.kinds.table1", kind)
    return made


def _run(folder, seeds=(), **arguments):
    recipe = read_recipe("tiny", folder)
    return run_parts(recipe, chosen_parts("tiny", recipe, seeds=seeds), **arguments)


def test_what_is_finished_is_not_repeated_until_it_is_asked_for(
    write_recipe, results_folder, calls
):
    folder = write_recipe(seeds=[0, 1])
    assert _run(folder) == []
    # what has no chance in it is run with the first seed alone
    whole = [("noisy", 1e-4, 0), ("divnoising", 1e-4, 0), ("divnoising", 1e-4, 1)]
    assert calls == whole
    _run(folder)
    assert calls == whole
    # what an interruption kept from being written is made, and nothing else
    file = results_folder / "tiny.jsonl"
    *others, last = file.read_text().splitlines(keepends=True)
    assert json.loads(last)["seed"] == 1
    file.write_text("".join(others))
    _run(folder, minutes=2)
    assert calls[3:] == [("divnoising", 2.0, 1)]
    _run(folder, again=True)
    assert calls[4:] == whole


def test_a_part_that_fails_leaves_the_others_and_is_tried_again(
    write_recipe, results_folder, calls, capsys
):
    folder = write_recipe()
    failed = _run(folder, seeds=[13, 2])
    assert [str(part) for part in failed] == [
        "tiny, digits, noisy, seed 13",
        "tiny, digits, divnoising, seed 13",
    ]
    assert "unlucky" in capsys.readouterr().err
    assert [seed for _, _, seed in calls] == [13, 13, 2]
    _run(folder, seeds=[13, 2])
    assert [seed for _, _, seed in calls[3:]] == [13, 13]


@pytest.mark.parametrize(
    "other", [{"cores": 1}, {"cores": 2, "precision": "mixed_bfloat16"}], ids=str
)
def test_a_row_is_not_trained_on_machines_of_another_pace(
    write_recipe, results_folder, calls, capsys, monkeypatch, other
):
    made = sys.modules["experiments.kinds.table1"].run
    # what was trained has steps
    monkeypatch.setattr(
        sys.modules["experiments.kinds.table1"],
        "run",
        lambda *arguments: {**made(*arguments), "steps": 7},
    )
    folder = write_recipe()
    assert _run(folder, seeds=[0]) == []
    monkeypatch.setattr("experiments.runner.machine", lambda: other)
    # what is not trained may be measured anywhere
    (failed,) = _run(folder, seeds=[1])
    assert failed.method == "divnoising"
    error = capsys.readouterr().err
    assert "another pace" in error
    assert "2 cores in float32" in error
    assert _run(folder, seeds=[1], again=True) == []


def test_other_seeds_make_the_steps_of_one_whatever_time_they_take(
    write_recipe, results_folder, monkeypatch
):
    made = []

    def run(settings, minutes, seed):
        made.append((settings["method"], settings["row"].training.most_steps, minutes, seed))
        steps = settings["row"].training.most_steps or 70
        return {"scores": {}, "steps": steps if settings["method"] == "divnoising" else 0}

    kind = ModuleType("experiments.kinds.table1")
    kind.run = run
    monkeypatch.setitem(sys.modules, "experiments.kinds.table1", kind)
    folder = write_recipe()
    assert _run(folder, seeds=[3]) == []
    # a machine of another pace makes as many steps
    monkeypatch.setattr("experiments.runner.machine", lambda: {"cores": 1})
    assert _run(folder, seeds=[4], steps_of=3) == []
    assert made == [
        ("noisy", None, 1e-4, 3),
        ("divnoising", None, 1e-4, 3),
        ("noisy", None, 1e-4, 4),
        ("divnoising", 70, math.inf, 4),
    ]
    record = read_record(Part("tiny", "digits", "divnoising", 4))
    assert record["steps of seed"] == 3
    assert record["minutes"] == 1e-4
    assert record["command"].endswith("--seed 4 --steps-of-seed 3")
    # the recipe is that of the other seed
    assert record["recipe"]["training"]["most_steps"] is None
    # such a result does not say at what pace the row is trained
    monkeypatch.setattr("experiments.runner.machine", lambda: {"cores": 2})
    assert _run(folder, seeds=[5]) == []


@pytest.mark.parametrize("seed", [0, 1])
def test_steps_of_a_seed_that_is_not_there_are_refused(
    write_recipe, results_folder, calls, capsys, seed
):
    (failed,) = _run(write_recipe(methods=["divnoising"]), seeds=[1], steps_of=seed)
    assert failed.seed == 1
    assert "no steps to repeat" in capsys.readouterr().err
    assert calls == []


def test_a_recipe_that_changed_since_is_told(write_recipe, results_folder, calls, capsys):
    _run(write_recipe())
    _run(write_recipe())
    assert "changed" not in capsys.readouterr().out
    _run(write_recipe({"peak": 100}))
    assert capsys.readouterr().out.count("the recipe has changed since") == 2


def test_the_record_says_how_it_came_about(write_recipe, results_folder, calls):
    folder = write_recipe()
    _run(folder, seeds=[5], minutes=0.5)
    found = records("tiny", read_recipe("tiny", folder))
    assert [(one["method"], one["seed"], one["minutes"]) for one in found] == [
        ("noisy", 5, 0.5),
        ("divnoising", 5, 0.5),
    ]
    assert found[0]["command"] == (
        "python -m experiments run tiny --row digits --method noisy --seed 5 --minutes 0.5"
    )
    assert found[0]["machine"] == {"cores": 2}
    assert found[0]["recipe"]["options"] == {"sigma": 10, "test_images": 2, "augment": False}
    assert found[0]["result"] == {"scores": {"noisy": 25.0}}


def test_rows_without_images_are_run_by_name_alone(write_recipe):
    recipe = read_recipe("tiny", write_recipe())
    assert {part.row for part in chosen_parts("tiny", recipe)} == {"digits"}
    assert {part.row for part in chosen_parts("tiny", recipe, rows=["absent"])} == {"absent"}


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"rows": ["letters"]}, "no such row. Received: letters. It has: digits, absent"),
        ({"methods": ["care"]}, "no such method. Received: care. It has: noisy, divnoising"),
    ],
)
def test_what_a_recipe_does_not_have_is_refused(write_recipe, wanted, message):
    recipe = read_recipe("tiny", write_recipe())
    with pytest.raises(InputError) as caught:
        chosen_parts("tiny", recipe, **wanted)
    assert message in str(caught.value)


def test_bm3d_is_run_only_where_it_is_asked_for_by_name(write_recipe):
    recipe = read_recipe("tiny", write_recipe(methods=["noisy", "bm3d"]))
    assert [part.method for part in chosen_parts("tiny", recipe)] == ["noisy"]
    (asked,) = chosen_parts("tiny", recipe, methods=["bm3d"])
    assert asked.method == "bm3d"


def test_the_command_line_says_what_is_wrong_and_lists_what_there_is(capsys):
    assert command.main(["run", "table9"]) == 2
    assert "no experiment of this name" in capsys.readouterr().err
    assert command.main(["run", "table1", "--minutes", "-1"]) == 2
    assert "must be positive" in capsys.readouterr().err
    assert command.main(["run", "antithetic", "--minutes", "1"]) == 2
    assert "does not train for a time" in capsys.readouterr().err
    assert command.main(["run", "beta_sweep", "--steps-of-seed", "0"]) == 2
    assert "no rows, whose steps could be repeated" in capsys.readouterr().err
    assert command.main(["list"]) == 0
    shown = capsys.readouterr().out
    assert "bsd68: BSD68, σ = 25\n" in shown
    assert "convallaria: Convallaria; not run here, doi.org/10.5281/zenodo.5156913" in shown


def _baseline(monkeypatch, name, denoise):
    module = ModuleType(f"experiments.baselines.{name}")
    module.denoise = denoise
    monkeypatch.setitem(sys.modules, "experiments.baselines", ModuleType("experiments.baselines"))
    monkeypatch.setitem(sys.modules, f"experiments.baselines.{name}", module)


def test_care_is_trained_on_the_images_that_have_a_clean_one(
    images_folder, write_recipe, results_folder, monkeypatch
):
    seen = []

    def denoise(task, minutes, seed):
        seen.append((len(task.train), task.patch_size, task.batch_size, task.augment, minutes))
        return Denoised([one + 1 for one in task.test_signal], 7, minutes, {"depth": 3})

    _baseline(monkeypatch, "care", denoise)
    loaded = load_task("mnist", {"test_images": 2, "augment": False})
    few = dataclasses.replace(loaded, train_signal=loaded.train_signal[:5])

    def load(_, options):
        patches = {key: options[key] for key in ("patch_size", "batch_size")}
        return dataclasses.replace(few, **patches)

    monkeypatch.setattr("experiments.kinds.table1.load_task", load)
    # options of its own: a task is loaded once
    folder = write_recipe({"options": {"sigma": 11}}, methods=["care"])
    assert _run(folder, minutes=3) == []
    assert seen == [(5, 16, 4, False, 3.0)]
    (record,) = records("tiny", read_recipe("tiny", folder))
    assert record["result"]["scores"] == {"CARE": pytest.approx(20 * np.log10(255), abs=1e-3)}
    assert record["result"]["steps"] == 7
    assert record["result"]["settings"] == {"depth": 3}


def test_a_row_is_run_from_end_to_end_and_a_kept_model_is_found(
    images_folder, write_recipe, results_folder, tmp_path, monkeypatch
):
    # a perfect PSNR has no number: the truth is a little off
    _baseline(monkeypatch, "nlm", lambda task, *_: Denoised([one + 2 for one in task.test_signal]))
    folder = write_recipe(methods=["noisy", "nlm", "divnoising"])
    models = str(tmp_path / "models")
    assert _run(folder, models=models) == []
    noisy, nlm, ours = (
        read_record(Part("tiny", "digits", name, 0))["result"]
        for name in ("noisy", "nlm", "divnoising")
    )
    assert noisy["scores"]["noisy"] == pytest.approx(20 * np.log10(255 / 10), abs=0.7)
    assert nlm["scores"] == {"NLM": pytest.approx(20 * np.log10(255 / 2), abs=1e-3)}
    assert nlm["steps"] == 0
    assert set(ours["scores"]) == {"DivNoising MMSE", "DivNoising MAP"}
    assert len(ours["PSNR by image"]["DivNoising MAP"]) == 2
    assert ours["steps"] == ours["training"]["steps"] == 2
    assert ours["samples, mean over images"] <= 8
    assert isinstance(ours["training"]["collapsed"], bool)
    curves = ours["calibration curves"]
    assert [len(curves[name]) for name in ("coverage", "predicted", "error")] == [19, 15, 15]
    # the central half, and what the table says of it
    assert curves["coverage"][9] == ours["calibration"]["coverage of the central 50 %"]

    assert _run(folder, seeds=[1], models=models, steps_of=0) == []
    repeated = read_record(Part("tiny", "digits", "divnoising", 1))
    assert repeated["result"]["steps"] == ours["steps"]
    assert (repeated["minutes"], repeated["steps of seed"]) == (0.0001, 0)

    monkeypatch.setattr("experiments.divnoising.trained", None)
    assert _run(folder, models=models, again=True) == []
    again = read_record(Part("tiny", "digits", "divnoising", 0))
    assert again["result"]["scores"] == ours["scores"]

    monkeypatch.setattr(command, "read_recipe", lambda name: read_recipe(name, folder))
    assert command.main(["figures", "tiny", "--folder", str(tmp_path / "figures")]) == 0
    drawn = sorted(path.name for path in (tmp_path / "figures").iterdir())
    assert drawn == ["tiny_calibration.png"]
