import hypothesis.strategies as st
import pytest
from hypothesis import given

from divnoising_tf.data.physical_units import converted, full_unit, short_unit

LENGTHS = ("picometer", "angstrom", "nanometer", "micrometer", "millimeter", "inch", "meter")
TIMES = ("nanosecond", "millisecond", "second", "minute", "day")


def test_units_are_known_by_many_names():
    for name in ("µm", "μm", "um", "micron", "micrometer", "Micrometers", "\\u00B5m"):
        assert full_unit(name) == "micrometer"
    for name in ("Å", "A\u030a", "\\u00C5", "Angstrom"):
        assert full_unit(name) == "angstrom"
    assert full_unit("inches") == full_unit("in") == "inch"
    assert short_unit(full_unit("sec")) == "s"
    assert full_unit("pixel") is full_unit("") is full_unit(None) is short_unit(None) is None
    assert full_unit("cubit") == "cubit"
    assert full_unit("um\nimages=9") is full_unit("x" * 99) is None


@given(st.floats(1e-3, 1e3), st.sampled_from((LENGTHS, TIMES)), st.data())
def test_there_and_back_is_the_same_size(size, units, data):
    one, other = (data.draw(st.sampled_from(units)) for _ in range(2))
    there = converted(size, one, other)
    assert there is not None
    assert converted(there, other, one) == pytest.approx(size, rel=1e-10)


def test_conversions_are_known_numbers():
    assert converted(0.2, "micrometer", "nanometer") == 200
    assert converted(1, "inch", "millimeter") == 25.4
    assert converted(250, "millisecond", "second") == 0.25
    assert converted(2, "cubit", "cubit") == 2
    assert converted(2, "cubit", "meter") is converted(1, "meter", "second") is None
