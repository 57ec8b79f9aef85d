import warnings

import numpy as np
import pytest
from helpers.random_models import random_model

from divnoising_tf import InputError
from divnoising_tf.data.channels_as_planes import stacked_axes, warn_of_channels


def test_no_letter_left_is_refused():
    with pytest.raises(InputError, match="too many kinds of stacks"):
        stacked_axes("STZCYX")
    assert stacked_axes("SCYX") == "STYX"


@pytest.mark.parametrize(("mean", "far"), [(0.0, []), (2.1, ["b"]), (-2.1, ["b"])])
def test_channels_far_from_the_training_data_are_named(mean, far):
    model = random_model(depth=1)
    trained, deviation = model.data_mean[0], model.data_standard_deviation[0]
    means = {"a": float(trained), "b": float(trained + mean * deviation)}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warn_of_channels(model, means)
    (message,) = [str(one.message) for one in caught]
    assert ("Far from the training data: b." in message) == bool(far)
    assert f"b: {np.float32(means['b']):.4g}" in message
