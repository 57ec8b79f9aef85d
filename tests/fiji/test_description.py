"""The description of a package is one that Fiji's JDLL reads, and runs without cutting images."""

import copy

import pytest
import yaml
from helpers import jdll_rules


@pytest.fixture(scope="module")
def rdf(package):
    return yaml.safe_load((package / "rdf.yaml").read_text(encoding="utf-8"))


def test_is_read(rdf):
    assert jdll_rules.problems(rdf) == []
    # JDLL finds tensors by these names in the signature, see test_engines.py
    assert [rdf[tensors][0]["id"] for tensors in ("inputs", "outputs")] == ["input", "output"]
    assert rdf["weights"]["tensorflow_saved_model_bundle"]["source"] == "saved_model.zip"


@pytest.mark.parametrize(
    "size", [(8, 8), (8, 4001), (33, 47), (512, 512), (1500, 2000), (7000,) * 2]
)
def test_image_is_run_in_one_call(rdf, size):
    assert jdll_rules.calls(rdf, *size) == 1


@pytest.mark.parametrize("size", [(7, 8), (7100, 7100)])
def test_images_beyond_its_limits_are_known(rdf, size):
    with pytest.raises(ValueError, match=r"below|hang"):
        jdll_rules.calls(rdf, *size)


def set_(path, value):
    def change(rdf):
        *parents, last = path
        for key in parents:
            rdf = rdf[key]
        rdf[last] = value

    return change


INPUT_Y, OUTPUT_C = ("inputs", 0, "axes", 1), ("outputs", 0, "axes", 3)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (set_(["id"], None), "no id"),
        (set_(["format_version"], "0.6.0"), "format_version"),
        (set_(["documentation"], {"source": "README.md"}), "documentation"),
        (set_(["covers"], [{"source": "cover.png"}]), "covers"),
        (set_(["weights"], {"keras_v3": {}}), "no weights"),
        (set_(["outputs"], []), "not exactly one of outputs"),
        (set_([*INPUT_Y, "id"], "index"), "input: axis index has no letter"),
        (set_([*INPUT_Y, "scale"], 2), "input: axis y has a scale"),
        (set_([*INPUT_Y, "halo"], 16), "input: axis y has a halo"),
        (set_([*INPUT_Y, "size"], {"min": 8, "step": 16}), "least size of y"),
        (set_([*OUTPUT_C, "channel_names"], None), "output: no channel_names"),
    ],
)
def test_what_jdll_cannot_read_is_found(rdf, change, problem):
    changed = copy.deepcopy(rdf)
    change(changed)
    (found,) = jdll_rules.problems(changed)
    assert problem in found


def test_a_step_cuts_images(rdf):
    changed = copy.deepcopy(rdf)
    set_([*INPUT_Y, "size"], {"min": 16, "step": 16})(changed)
    assert jdll_rules.calls(changed, 512, 512) == 1
    assert jdll_rules.calls(changed, 500, 512) == 2
