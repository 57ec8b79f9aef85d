import numpy as np
import pytest
from zoo_models import noisy, small_model

from divnoising_tf.latent_metrics import ActiveLatentChannels, active_latent_channels


def test_counts_channels_above_the_threshold_over_all_batches():
    metric = ActiveLatentChannels(3, threshold=0.1)
    metric.update_state([0.3, 0.0, 0.15])
    metric.update_state([0.0, 0.0, 0.15])
    assert int(metric.result()) == 2
    metric.reset_state()
    assert int(metric.result()) == 0


def test_round_trip_of_the_configuration():
    metric = ActiveLatentChannels(3, threshold=0.1, name="active")
    assert ActiveLatentChannels.from_config(metric.get_config()).get_config() == metric.get_config()


@pytest.mark.parametrize("active", [0, 2])
def test_counts_the_channels_that_a_model_uses(active):
    model = small_model()
    _, (mean, log_variance) = model.encoder.convolutions()
    for head in (mean, log_variance):
        for weight in head.weights:
            weight.assign(np.zeros(weight.shape))
    # a mean of 1 is half a nat from the prior
    mean.bias.assign([1.0] * active + [0.0] * (model.latent_channels - active))
    assert active_latent_channels(model, noisy(2, 16, 20)[..., np.newaxis]) == active
