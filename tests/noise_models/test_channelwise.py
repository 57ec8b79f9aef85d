import numpy as np
import pytest

from divnoising_tf.errors import InputError
from divnoising_tf.noise_models import (
    ChannelwiseNoiseModel,
    GaussianMixtureNoiseModel,
    GaussianNoiseModel,
)

_MODELS = [GaussianNoiseModel(2.0, signal_range=(5, 50)), GaussianMixtureNoiseModel((0, 100))]


def test_each_channel_has_its_own_noise(rng):
    model = ChannelwiseNoiseModel(_MODELS)
    signal = rng.uniform(10, 90, (3, 8, 9, 2)).astype(np.float32)
    observation = signal + rng.normal(size=signal.shape).astype(np.float32)
    for method in ("log_prob", "cdf"):
        joint = getattr(model, method)(observation, signal).numpy()
        assert joint.shape == signal.shape
        for channel, one in enumerate(_MODELS):
            alone = getattr(one, method)(observation[..., channel], signal[..., channel])
            np.testing.assert_allclose(joint[..., channel], alone, rtol=1e-5)
    np.testing.assert_allclose(model.mean(signal), signal, rtol=1e-5)
    np.testing.assert_allclose(model.variance(signal)[..., 0], 4, rtol=1e-5)
    assert model.signal_range == (0, 100)


def test_noise_of_the_channels_is_independent():
    model = ChannelwiseNoiseModel([GaussianNoiseModel(1.0), GaussianNoiseModel(3.0)])
    signal = np.zeros((200, 200, 2), np.float32)
    sample = model.sample(signal, seed=0).numpy().reshape(-1, 2)
    np.testing.assert_allclose(sample.std(0), [1, 3], rtol=0.02)
    assert abs(np.corrcoef(sample.T)[0, 1]) < 0.02
    np.testing.assert_array_equal(sample, model.sample(signal, seed=0).numpy().reshape(-1, 2))


def test_a_channel_can_be_learned():
    fixed, learned = GaussianNoiseModel(1.0), GaussianNoiseModel(1.0, trainable=True)
    assert len(ChannelwiseNoiseModel([fixed, learned]).trainable_weights) == 1
    assert not ChannelwiseNoiseModel([fixed]).trainable_weights


def test_other_things_are_refused():
    with pytest.raises(InputError, match="made of noise models"):
        ChannelwiseNoiseModel([])
    with pytest.raises(InputError, match="made of noise models"):
        ChannelwiseNoiseModel([3.0])
    with pytest.raises(InputError, match="last axis"):
        ChannelwiseNoiseModel(_MODELS).log_prob(np.zeros((4, 4, 3)), np.zeros((4, 4, 3)))
