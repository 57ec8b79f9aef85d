import pytest

from experiments.psnr_table import table
from experiments.recipe import read_recipe
from experiments.tables import PAGE, with_tables


@pytest.fixture
def recipe(write_recipe):
    row = {"title": "Digits", "published": "nowhere", "task": "mnist"}
    absent = {"title": "Absent", "published": "a DOI", "here": False, "task": "kmnist"}
    rows = {
        "one": {**row, "title": "One"},
        "two": {**row, "title": "Two", "same_images_as": "one"},
        "three": {**row, "title": "Three"},
        "absent": absent,
    }
    return read_recipe("tiny", write_recipe(rows=rows))


def _record(row, seed=0, method="divnoising", **result):
    scores = result.pop("scores")
    return {"row": row, "method": method, "seed": seed, "result": {"scores": scores, **result}}


_ONE = [
    _record("one", scores={"noisy": 20.0}),
    _record("one", scores={"NLM": 25.0}),
    _record("one", scores={"N2V": 30.504}),
    _record("one", scores={"DivNoising MMSE": 29.0, "DivNoising MAP": 28.0}),
    _record("one", scores={"CARE": 33.0}),
]


_TRAINED = {"steps": 9, "training minutes": 2.0}


def _line(text, title):
    return next(line for line in text.splitlines() if line.startswith(f"| {title} |"))


def test_the_best_unsupervised_is_bold_and_care_is_not(recipe):
    assert _line(table("tiny", recipe, _ONE), "One") == (
        "| One | 20.00 | 25.00 | **30.50** | 29.00 | 28.00 | 33.00 |"
    )


def test_two_that_are_equal_to_the_digits_shown_are_both_bold(recipe):
    equal = [*_ONE, _record("one", scores={"PN2V": 30.496})]
    assert "| **30.50** | **30.50** | 29.00 |" in _line(table("tiny", recipe, equal), "One")


def test_where_we_lose_is_said_with_the_rival_and_the_gap(recipe):
    won = _record("three", scores={"N2V": 20.0, "DivNoising MMSE": 19.0, "DivNoising MAP": 21.0})
    text = table("tiny", recipe, [*_ONE, won])
    assert "Where we lose, in 1 of 2 rows: One (N2V by 1.50 dB)." in text
    assert "Where we lose: in none of 1 rows." in table("tiny", recipe, [won])
    alone = table("tiny", recipe, [_record("three", scores={"DivNoising MMSE": 19.0})])
    assert "nothing to compare with yet" in alone


def test_a_row_has_the_scores_of_another_of_the_same_images_but_its_own_come_first(recipe):
    two = _record("two", scores={"DivNoising MMSE": 31.0})
    line = _line(table("tiny", recipe, [*_ONE, two]), "Two")
    assert line == "| Two | 20.00 | 25.00 | 30.50 | **31.00** | 28.00 | 33.00 |"


def test_seeds_are_averaged_with_their_deviation(recipe):
    runs = [_record("one", seed, scores={"N2V": 30.0 + seed}) for seed in range(3)]
    assert "| **31.00 ± 1.00** |" in _line(table("tiny", recipe, runs), "One")


def test_a_row_that_was_not_run_says_so_and_where_its_images_are(recipe):
    text = table("tiny", recipe, _ONE)
    assert _line(text, "Absent").startswith("| Absent | not run here |  |")
    assert _line(text, "Three").startswith("| Three | not run yet |  |")
    assert "- Absent: a DOI" in text


def test_a_collapse_the_training_and_the_calibration_are_told(recipe):
    training = {"steps": 70, "training minutes": 2, "training": {"collapsed": True, "restarts": 3}}
    ours = {"samples, mean over images": 88.5, "calibration": {"coverage 50 %": 0.4321}}
    record = _record("three", scores={"DivNoising MMSE": 19.0}, **training, **ours)
    record["machine"] = {"cores": 1, "precision": "mixed_bfloat16"}
    text = table("tiny", recipe, [record])
    assert "| **19.00** † |" in _line(text, "Three")
    assert "| Three | DivNoising | 0 | 2.0 | 1 (bfloat16) | 70 | 3 | 88.5 |" in text
    assert "| Three | 0 | 0.432 |" in text


def test_seeds_of_a_training_and_of_the_calibration_are_one_line(recipe):
    runs = [
        _record(
            "one",
            seed,
            scores={"DivNoising MMSE": 30.0},
            steps=steps,
            calibration={"coverage 50 %": coverage},
            training={"restarts": restarts},
            **{"training minutes": 3.0, "samples, mean over images": samples},
        )
        for seed, steps, coverage, restarts, samples in (
            (0, 100, 0.4, 0, 16.0),
            (2, 111, 0.5, 2, 18.5),
        )
    ]
    blind_spot = _record("two", 1, "noise2void", scores={"N2V": 1.0}, **_TRAINED)
    text = table("tiny", recipe, [*runs, blind_spot])
    assert "| One | DivNoising | 0, 2 | 3.0 |  | 106 | 2 | 17.2 |" in text
    assert "| One | 0, 2 | 0.45 |" in text
    # a method that takes no samples, and cannot collapse
    assert "| Two | N2V | 1 | 2.0 |  | 9 |  |  |" in text


def test_a_map_of_a_part_stands_beside_the_mmse_of_that_part(recipe):
    part = {"MAP of a part": {"DivNoising MAP": 18.0, "DivNoising MMSE": 18.5}}
    text = table("tiny", recipe, [_record("three", scores={"DivNoising MMSE": 19.0}, **part)])
    assert "- Three, MAP of all images: 18.00 dB, MMSE of the same: 18.50 dB" in text


def test_the_page_has_what_was_measured():
    written = PAGE.read_text(encoding="utf-8")
    assert with_tables(written) == written
