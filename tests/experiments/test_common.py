import pytest

from experiments.common import command_of, core_words


def test_a_command_names_files_and_not_where_they_lie():
    words = ["--units", "counts", "--marks", "5.0", "--save", "/home/me/model.keras"]
    expected = "python -m experiments.w2s --units counts --marks 5.0 --save model.keras"
    assert command_of("experiments.w2s", words) == expected


@pytest.mark.parametrize(("cores", "words"), [(1, "1 core"), (2, "2 cores"), (16, "16 cores")])
def test_cores_are_counted_in_words(cores, words):
    assert core_words({"cores": cores}) == words
