from pathlib import Path

import pytest

from divnoising_tf import InputError
from experiments import tasks
from experiments.recipe import read_recipe, recipe_names


@pytest.mark.parametrize("name", recipe_names())
def test_committed_recipes_are_valid(name):
    recipe = read_recipe(name)
    # what is not trained for a time
    assert (recipe.minutes is None) == (recipe.kind in ("antithetic", "beginnings"))
    for row in recipe.rows.values():
        assert Path(tasks.__file__).with_name(f"{row.task}.py").is_file()


def test_the_rows_of_the_paper_are_all_there():
    rows = read_recipe("table1").rows
    assert {name for name, row in rows.items() if row.here} >= {
        "w2s_ch0", "w2s_ch2", "mdck", "dsb2018", "mnist", "ebook", "bsd68",
        *(f"fmd_{kind}{noise}" for kind in ("mice", "bpae_b", "two_photon_bpae_g")
          for noise in ("", "_bootstrapped")),
    }  # fmt: skip
    assert {name for name, row in rows.items() if not row.here} >= {
        "kmnist", "convallaria", "mouse_actin", "mouse_nuclei", "w2s_ch1", "w2s_ch0_avg16",
        "flywing", "mouse",
    }  # fmt: skip
    assert rows["mdck"].network.depth == rows["ebook"].network.depth == 3
    assert rows["mnist"].network.latent_channels == 8


@pytest.mark.parametrize(
    ("row", "own", "reason"),
    [
        ({"task": "mnists"}, {}, "rows.digits.task: "),
        ({"peek": 255}, {}, "rows.digits.peek: Extra inputs are not permitted"),
        ({"training": {"patch_size": 15}}, {}, "rows.digits: training.patch_size is no multiple"),
        ({"same_images_as": "letters"}, {}, "same_images_as: there is no 'letters'"),
        (None, {"kind": "table2"}, "kind: 'table2' is none of "),
        (None, {"minutes": 0}, "minutes: Input should be greater than 0"),
        (None, {"methods": []}, "rows and methods belong together"),
        (None, {"seeds": []}, "seeds: List should have at least 1 item"),
    ],
)
def test_what_is_wrong_in_a_recipe_is_named(write_recipe, row, own, reason):
    with pytest.raises(InputError) as caught:
        read_recipe("tiny", write_recipe(row, **own))
    assert caught.value.problem == "The recipe is not valid."
    assert reason in caught.value.received
    assert caught.value.received.startswith("tiny.yaml: ")


def test_a_recipe_that_is_not_there_is_refused_with_those_that_are(write_recipe):
    with pytest.raises(InputError, match=r"Received: huge. There are: tiny\."):
        read_recipe("huge", write_recipe())


def test_a_file_that_is_no_yaml_is_refused(tmp_path):
    (tmp_path / "tiny.yaml").write_text("title: [", encoding="utf-8")
    with pytest.raises(InputError, match="not valid"):
        read_recipe("tiny", tmp_path)
