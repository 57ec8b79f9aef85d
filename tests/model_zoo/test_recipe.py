"""Recipes are strict, and those of the repository are whole."""

import dataclasses
from pathlib import Path

import pytest
import yaml
from helpers.zoo_recipes import DEMO, TINY, changed, write_recipe

from divnoising_tf.errors import InputError
from divnoising_tf.zoo import Metadata
from model_zoo.builder import read_recipe

MODEL_ZOO = Path(__file__).parents[2] / "model_zoo"
NAMES = sorted(path.parent.name for path in MODEL_ZOO.glob("*/recipe.yaml"))


def test_the_repository_has_its_two_recipes():
    assert NAMES == ["tissue-demo", "w2s-channel-0"]


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_of_the_repository_is_valid_and_names_every_field(name):
    recipe = read_recipe(MODEL_ZOO / name)
    assert recipe.command == f"python -m model_zoo build {name}"
    written = yaml.safe_load((MODEL_ZOO / name / "recipe.yaml").read_text(encoding="utf-8"))
    assert written == recipe.model_dump()
    assert set(written["metadata"]) == {field.name for field in dataclasses.fields(Metadata)}


def test_no_pixel_of_w2s_goes_into_its_package():
    assert read_recipe(MODEL_ZOO / "w2s-channel-0").package.test_image == "generated"


def test_the_fields_of_w2s_are_those_of_the_papers_split():
    data = read_recipe(MODEL_ZOO / "w2s-channel-0").data
    assert data.training_fields.places == slice(0, 80)
    assert data.noise_model_fields.places == slice(0, 20)


@pytest.mark.parametrize(
    ("recipe", "reason"),
    [
        (changed(training={"epochs": 3}), "training.epochs: Extra inputs are not permitted"),
        (changed(training={"minutes": "4"}), "training.minutes: Input should be a valid number"),
        (changed(training={"minutes": 0}), "training.minutes: Input should be greater than 0"),
        (changed(training={"averaging": 1.0}), "training.averaging: Input should be less than 1"),
        (changed(training={"patch_size": 15}), "patch_size is no multiple of 2"),
        (changed(network={"depth": True}), "network.depth: Input should be a valid integer"),
        (changed(data={"source": "internet"}), "data: Input tag 'internet'"),
        (changed(data={"training_fields": {"first": 9, "last": 8}}), "last (8) is below first (9)"),
        (changed(noise_model={"kind": "histogram"}), "noise_model.histogram.gaussians: Extra"),
        (changed(package={"kind": "mmse"}), "kind 'mmse' has no n_samples"),
        (changed(metadata={"licence": "MIT"}), "no such metadata: licence"),
        ({**TINY, "noise_model": None}, "noise_model: "),
        ({**TINY, "command": "python -m model_zoo build other"}, "python -m model_zoo build tiny"),
        ([1, 2], "recipe: Input should be a valid dictionary"),
    ],
)
def test_what_is_wrong_in_a_recipe_is_named(recipe, reason, tmp_path):
    with pytest.raises(InputError) as error:
        read_recipe(write_recipe(tmp_path / "tiny", recipe))
    assert reason in str(error.value)


def test_every_missing_line_is_named(tmp_path):
    recipe = {**TINY, "training": {"minutes": 4}, "data": {**DEMO}}
    del recipe["data"]["published"]
    with pytest.raises(InputError, match=r"data\.demo\.published: Field required.*training\.seed"):
        read_recipe(write_recipe(tmp_path / "tiny", recipe))


def test_text_that_is_not_yaml_is_refused(tmp_path):
    folder = write_recipe(tmp_path / "tiny", {})
    (folder / "recipe.yaml").write_text("data: [", encoding="utf-8")
    with pytest.raises(InputError, match="recipe is not valid"):
        read_recipe(folder)


def test_an_unknown_name_is_answered_with_those_that_there_are(tmp_path):
    write_recipe(tmp_path / "tiny", TINY)
    with pytest.raises(InputError, match=r"there are: tiny\."):
        read_recipe(tmp_path / "tyni")
