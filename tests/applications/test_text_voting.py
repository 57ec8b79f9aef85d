import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from divnoising_tf.applications.text_recognition import Reading, Word
from divnoising_tf.applications.text_voting import combined, read_samples
from divnoising_tf.errors import InputError

_WORDS = st.lists(st.text("abc", min_size=1, max_size=4), max_size=3)


def _reading(text, confidence=0.9):
    return Reading(tuple(Word(word, confidence) for word in text.split()))


def _readings(*texts):
    return [_reading(text) for text in texts]


@pytest.mark.parametrize("weighting", ["votes", "likelihood"])
@pytest.mark.parametrize(
    "texts",
    [
        # replaced, in different places
        ("He hanged the door", "He banged lhe door", "He banged the doer"),
        # left out and put in
        ("He bangd the door", "He banged the dooor", "Hebanged the door"),
        # a word that is missing, one too many, one read wrongly
        ("He the door", "He banged at the door", "He banged the floor"),
        ("banged the door", "He banged the", "He banged the door in"),
    ],
)
def test_three_readings_with_different_errors_give_the_right_text(texts, weighting):
    assert combined(_readings(*texts), weighting=weighting) == "He banged the door"


def test_by_line_the_text_read_most_often_wins():
    readings = _readings("the beadle", "the beetle", "the beagle", "the beetle")
    assert combined(readings, unit="line") == "the beetle"
    assert combined(readings, support=[9, 1, 1, 1], unit="line") == "the beadle"
    # nobody read this
    assert combined(_readings("xbc", "axc", "abx"), unit="line") == "xbc"
    assert combined(_readings("xbc", "axc", "abx")) == "abc"


@pytest.mark.parametrize("unit", ["line", "character"])
def test_a_sure_reading_outweighs_two_unsure_ones_by_likelihood_alone(unit):
    readings = [_reading("beadle", 0.3), _reading("beadle", 0.3), _reading("beetle", 0.9)]
    assert combined(readings, unit=unit, weighting="votes") == "beadle"
    assert combined(readings, unit=unit, weighting="likelihood") == "beetle"
    assert combined(readings, [5, 5, 1], "likelihood", unit) == "beadle"


def test_each_word_has_its_own_confidence():
    first = Reading((Word("the", 0.9), Word("beadle", 0.2)))
    second = Reading((Word("lhe", 0.3), Word("beetle", 0.8)))
    assert combined([first, second]) == "the beetle"


def test_empty_readings():
    empty = Reading()
    assert combined([]) == combined([empty, empty]) == ""
    readings = [empty, empty, _reading("door")]
    assert combined(readings, weighting="votes") == ""
    assert combined(readings, weighting="likelihood") == "door"
    assert combined(readings, support=[1, 0, 3], weighting="votes") == "door"


def test_confidence_does_not_fall_with_length():
    assert _reading("a").confidence == pytest.approx(0.9)
    assert _reading("a much longer text").confidence == pytest.approx(0.9)
    mixed = Reading((Word("ab", 0.4), Word("c", 0.9)))
    assert mixed.character_confidences == pytest.approx([0.4, 0.4, 0.65, 0.9])
    assert mixed.confidence == pytest.approx((0.4 * 0.4 * 0.65 * 0.9) ** 0.25)
    assert Reading((Word("ab", 0.0),)).confidence == 0


@settings(deadline=None)
@given(st.lists(_WORDS, min_size=1, max_size=4), _WORDS)
def test_a_reading_with_more_than_half_of_the_support_is_the_result(others, words):
    majority = " ".join(words)
    readings = [*(_reading(" ".join(one)) for one in others), _reading(majority)]
    support = [*[1] * len(others), len(others) + 1]
    for unit in ("line", "character"):
        assert combined(readings, support, weighting="votes", unit=unit) == majority


@settings(deadline=None)
@given(
    st.lists(_WORDS, min_size=1, max_size=5, unique_by=" ".join),
    st.sampled_from(["votes", "likelihood"]),
    st.randoms(use_true_random=False),
)
def test_neither_order_nor_scale_of_the_support_matters(texts, weighting, random):
    readings = [_reading(" ".join(words)) for words in texts]
    support = [float(2**number) for number in range(len(texts))]
    result = combined(readings, support, weighting)
    pairs = list(zip(readings, support, strict=True))
    random.shuffle(pairs)
    shuffled, weights = zip(*pairs, strict=True)
    assert combined(shuffled, [4 * weight for weight in weights], weighting) == result


def test_a_blank_page_needs_no_program():
    assert read_samples(np.full((3, 40, 50), 255), lines=[(0, 20), (20, 40)]) == ["", ""]
    assert read_samples(np.full((3, 40, 50), 255)) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"support": [1, 2, 3]}, "one weight"),
        ({"support": [1, -1]}, "one weight"),
        ({"support": [1, np.nan]}, "one weight"),
        ({"weighting": "loudness"}, "weighting is not known"),
        ({"unit": "page"}, "unit is not known"),
    ],
)
def test_bad_arguments_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        combined(_readings("a", "b"), **options)
