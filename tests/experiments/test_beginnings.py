import numpy as np
from helpers.images import noisy_images
from helpers.random_models import random_model

from experiments.beginnings import _live_share


def test_a_level_whose_relus_nothing_wakes_is_dead():
    model = random_model()
    images = noisy_images(2)[..., np.newaxis]
    assert 0 < _live_share(model, images) <= 1
    _, levels = model.decoder.convolutions()
    last, _ = levels[-1]
    last.bias.assign(np.full(last.bias.shape, -1e6, np.float32))
    assert _live_share(model, images) == 0
