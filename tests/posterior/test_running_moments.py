import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from divnoising_tf.posterior import RunningMoments


@given(
    sizes=st.lists(st.integers(1, 5), min_size=1, max_size=6),
    offset=st.floats(-1e5, 1e5),
)
def test_equals_the_moments_of_the_whole(sizes, offset):
    images = np.random.default_rng(0).normal(offset, 3, (sum(sizes), 4, 5))
    running = RunningMoments()
    for batch in np.split(images, np.cumsum(sizes)[:-1]):
        running.add(batch)
    assert running.count == len(images)
    np.testing.assert_allclose(running.mean, images.mean(axis=0), rtol=1e-6)
    if len(images) > 1:
        np.testing.assert_allclose(
            running.standard_deviation, images.std(axis=0, ddof=1), rtol=1e-5
        )
