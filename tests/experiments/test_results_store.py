import json
from concurrent.futures import ThreadPoolExecutor
from itertools import product

import pytest

from experiments.recipe import read_recipe
from experiments.results_store import (
    Part,
    read_record,
    records,
    trained_beside,
    write_record,
)


def _record(part, **result):
    place = {"experiment": part.experiment, "row": part.row, "method": part.method}
    return {**place, "seed": part.seed, "result": result}


def _write(part, **result):
    write_record(part, _record(part, **result))


def test_an_experiment_is_one_file_with_a_line_for_each_part(results_folder):
    made = [Part("tiny", "digits", "noisy", 0), Part("tiny", "digits", "divnoising", 0)]
    for number, part in enumerate([*made, Part("other", None, None, 3)]):
        _write(part, scores=number)
    assert sorted(path.name for path in results_folder.iterdir()) == ["other.jsonl", "tiny.jsonl"]
    lines = (results_folder / "tiny.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [
        _record(part, scores=number) for number, part in enumerate(made)
    ]
    assert read_record(Part("other", None, None, 3))["result"] == {"scores": 2}
    assert read_record(Part("other", None, None, 4)) is None
    assert read_record(Part("third", None, None, 0)) is None


def test_a_part_that_is_repeated_takes_the_place_of_the_earlier_one(results_folder):
    first, second = (Part("tiny", "digits", "divnoising", seed) for seed in (0, 1))
    for part, psnr in ((first, 30.0), (second, 31.0), (first, 32.5)):
        _write(part, scores=psnr)
    lines = (results_folder / "tiny.jsonl").read_text().splitlines()
    assert [json.loads(line)["result"]["scores"] for line in lines] == [32.5, 31.0]


@pytest.mark.parametrize("text", ["σ", "a\u2028b", "a\x85b", "a\nb", '"'])
def test_any_text_that_was_read_in_an_image_comes_back(results_folder, text):
    part = Part("tiny", None, None, 0)
    _write(part, read=text)
    assert read_record(part)["result"] == {"read": text}


def test_runs_side_by_side_lose_nothing(results_folder):
    """Each on a core of its own, as docs/results.md says."""
    made = [
        Part("tiny", f"row {row}", "divnoising", seed) for row, seed in product(range(6), (0, 1))
    ]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda part: _write(part, scores=part.row), made))
    assert all(read_record(part)["result"] == {"scores": part.row} for part in made)


def test_results_come_in_the_order_of_the_recipe_and_of_the_numbers_of_seeds(
    write_recipe, results_folder
):
    recipe = read_recipe("tiny", write_recipe())
    for method, seed in (("divnoising", 10), ("divnoising", 2), ("noisy", 0)):
        _write(Part("tiny", "digits", method, seed))
    found = [(one["method"], one["seed"]) for one in records("tiny", recipe)]
    assert found == [("noisy", 0), ("divnoising", 2), ("divnoising", 10)]


def test_only_what_was_trained_for_the_same_row_is_beside_a_part(results_folder):
    _write(Part("tiny", "digits", "noisy", 0))
    _write(Part("tiny", "digits", "divnoising", 0), steps=7)
    _write(Part("tiny", "letters", "divnoising", 0), steps=8)
    repeated = Part("tiny", "digits", "divnoising", 1)
    write_record(repeated, {**_record(repeated, steps=7), "steps of seed": 0})
    beside = trained_beside(Part("tiny", "digits", "pn2v", 0))
    assert [one["result"]["steps"] for one in beside] == [7]
