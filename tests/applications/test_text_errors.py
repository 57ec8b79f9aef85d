import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from divnoising_tf.applications.text_errors import (
    character_error_rate,
    edit_distance,
    normalised_whitespace,
    word_error_rate,
)
from divnoising_tf.errors import InputError

# few letters, so that equal ones meet
_TEXTS = st.text("ab c", max_size=12)


@pytest.mark.parametrize(
    ("first", "second", "distance"),
    [
        ("", "", 0),
        ("", "abc", 3),
        ("kitten", "sitting", 3),
        ("flaw", "lawn", 2),
        ("abcdef", "azced", 3),
        ("intention", "execution", 5),
        ("ab", "ba", 2),
    ],
)
def test_known_distances(first, second, distance):
    assert edit_distance(first, second) == distance
    assert edit_distance(list(first), list(second)) == distance


def _recursive(first, second):
    if not first or not second:
        return len(first) + len(second)
    if first[0] == second[0]:
        return _recursive(first[1:], second[1:])
    return 1 + min(
        _recursive(first[1:], second),
        _recursive(first, second[1:]),
        _recursive(first[1:], second[1:]),
    )


@settings(deadline=None)
@given(st.text("abc", max_size=5), st.text("abc", max_size=5))
def test_distance_is_that_of_the_definition(first, second):
    assert edit_distance(first, second) == _recursive(first, second)


@settings(deadline=None)
@given(_TEXTS, _TEXTS, _TEXTS)
def test_distance_is_a_metric(first, second, third):
    distance = edit_distance(first, second)
    assert (distance == 0) == (first == second)
    assert distance == edit_distance(second, first)
    assert distance <= edit_distance(first, third) + edit_distance(third, second)
    assert abs(len(first) - len(second)) <= distance <= max(len(first), len(second))


def test_rates_of_known_errors():
    truth = "He banged the door in my face."
    assert character_error_rate(truth, truth) == word_error_rate(truth, truth) == 0
    assert character_error_rate(truth, "He hanged the door in my fac.") == pytest.approx(2 / 30)
    assert word_error_rate(truth, "He hanged the door in my fac.") == pytest.approx(2 / 7)
    assert word_error_rate(truth, "He banged thedoor in my face.") == pytest.approx(2 / 7)
    assert character_error_rate(truth, "") == word_error_rate(truth, "") == 1
    assert character_error_rate("a", "abc") == 2


def test_rates_of_several_texts_are_of_all_their_characters():
    truth, reading = ["abcdefgh", "xy"], ["abcdefgh", ""]
    assert character_error_rate(truth, reading) == pytest.approx(2 / 10)
    assert word_error_rate(truth, reading) == pytest.approx(1 / 2)


def test_whitespace_is_no_error_unless_it_parts_words():
    assert character_error_rate("a  b\n", "\ta\u00a0b") == 0
    assert character_error_rate("a b", "ab") == pytest.approx(1 / 3)
    assert normalised_whitespace(" \n ") == ""


def test_rates_that_do_not_exist_are_refused():
    with pytest.raises(InputError, match="no text"):
        character_error_rate(" \n", "a")
    with pytest.raises(InputError, match="one reading for each text"):
        word_error_rate(["a", "b"], ["a"])
