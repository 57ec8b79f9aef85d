import pytest

from divnoising_tf.models.precision import chosen_precision
from measuring.machine import machine, machine_words, training_pace


@pytest.mark.parametrize(("cores", "words"), [(1, "1 core"), (2, "2 cores"), (16, "16 cores")])
def test_cores_are_counted_in_words(cores, words):
    described = {"processor": "a processor", "cores": cores, "versions": {}}
    assert machine_words(described) == f"a processor, {words}"


@pytest.mark.parametrize(("half", "precision"), [(99, "mixed_bfloat16"), (61, "float32")])
def test_the_pace_of_an_early_record_is_told_by_its_rates(half, precision):
    rates = {"float32 matrix product, GFLOP/s": 60, "bfloat16 matrix product, GFLOP/s": half}
    assert training_pace({"cores": 1, **rates}) == (1, precision)


def test_this_machine_says_its_pace_itself():
    described = machine()
    assert described["precision"] == chosen_precision()
    assert training_pace(described) == (described["cores"], chosen_precision())
