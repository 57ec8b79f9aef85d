import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from divnoising_tf.evaluation.replicates import probabilities

_TWO_SIDED = np.zeros(3, bool)


@pytest.mark.parametrize("n", [39, 40, 99])
def test_what_is_far_has_the_least_probability(rng, n):
    replicated = rng.normal(size=(n, 3))
    found = probabilities(np.full((n, 3), [0, -50.0, 0]), replicated, _TWO_SIDED)
    # exactly, so that 39 samples are enough for a level of 0.05
    assert found.overall == found.each[1] == 2 / (n + 1)
    assert found.each[0] == found.each[2] == 1
    one_sided = probabilities(
        np.full((n, 3), [0, -50.0, 0]), replicated, np.array([False, True, False])
    )
    assert one_sided.overall == 1


def test_false_alarms_of_independent_samples_are_rarer_than_the_level(rng):
    # the worst case of dependence: all samples of an image agree
    alarms = 0
    for _ in range(400):
        observed = np.repeat(rng.normal(size=(1, 3)), 60, axis=0)
        alarms += probabilities(observed, rng.normal(size=(60, 3)), _TWO_SIDED).overall <= 0.05
    # 400 times 0.05 would be 20; twice the mean of equal numbers halves that
    assert 2 <= alarms <= 20


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 2**32 - 1), st.floats(0.1, 10), st.floats(-5, 5))
def test_units_and_order_do_not_matter(seed, scale, shift):
    rng = np.random.default_rng(seed)
    observed, replicated = rng.normal(size=(2, 20, 3))
    found = probabilities(observed, replicated, _TWO_SIDED)
    order = rng.permutation(20)
    other = probabilities(
        scale * observed[order] + shift, scale * replicated[::-1] + shift, _TWO_SIDED
    )
    assert other.overall == pytest.approx(found.overall, abs=2 / 21 / 20 + 1e-9)
    # a statistic by itself is never further off than the furthest of all
    assert found.overall <= found.each.min() + 1e-9
    assert 2 / 21 <= found.overall <= 1


def test_a_statistic_that_never_varies(rng):
    replicated = np.hstack([rng.normal(size=(40, 2)), np.ones((40, 1))])
    same = probabilities(replicated, replicated[::-1], _TWO_SIDED)
    assert same.each[2] == 1
    other = probabilities(replicated + np.array([0, 0, 1.0]), replicated[::-1], _TWO_SIDED)
    assert other.each[2] == 2 / 41
