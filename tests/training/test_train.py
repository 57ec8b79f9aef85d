import keras
import numpy as np
import pytest
from helpers.images import noisy_images, smooth_images
from pydantic import ValidationError

import divnoising_tf as dn
from divnoising_tf import GaussianNoiseModel, InputError
from divnoising_tf.models.divnoising.settings import DivNoisingSettings
from divnoising_tf.training.backup import TrainingBackup
from divnoising_tf.training.settings import TrainingSettings
from divnoising_tf.training.time_limit import TimeLimit

SMALL = DivNoisingSettings(depth=1, latent_channels=4, base_channels=4)
QUICK = TrainingSettings(patch_size=16, batch_size=4, steps_per_epoch=4)
NOISE = GaussianNoiseModel(15.0)


def _trained(settings=QUICK, **options):
    return dn.train(
        noisy_images(8), NOISE, SMALL, settings, **{"epochs": 2, "precision": "float32"} | options
    )


def test_a_trained_model_denoises():
    settings = QUICK.model_copy(update={"steps_per_epoch": 60, "learning_rate": 3e-3})
    model, history, restarts = _trained(settings, epochs=5)
    assert restarts == 0
    assert [one["epoch"] for one in history] == list(range(5))
    assert {"loss", "val_loss", "kl", "active_channels"} <= set(history[0])
    noisy, clean = noisy_images(8)[0], smooth_images(8)[0]
    mean = model.posterior(noisy).moments(20).mean
    assert np.std(mean - clean) < 0.8 * np.std(noisy - clean)


def test_the_same_seed_gives_the_same_model():
    first, second, other = (_trained(seed=seed).model for seed in (3, 3, 4))
    weights = [one.decoder.get_weights()[0] for one in (first, second, other)]
    np.testing.assert_array_equal(weights[0], weights[1])
    assert not np.allclose(weights[0], weights[2])


def test_an_interrupted_training_goes_on_to_the_same_weights(tmp_path):
    whole = _trained(epochs=4)
    _trained(epochs=2, folder=tmp_path)
    assert TrainingBackup(tmp_path).epoch == 2
    resumed = _trained(epochs=4, folder=tmp_path)
    assert len(resumed.history) == 4
    for one, other in zip(
        resumed.model.decoder.get_weights(), whole.model.decoder.get_weights(), strict=True
    ):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_the_best_epoch_by_the_pixels_kept_aside_is_taken():
    kept = []
    losses = iter([3.0, 1.0, 2.0])

    class Judge(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            kept.append(self.model.decoder.get_weights()[0])

    class Backup(TrainingBackup):
        def on_epoch_end(self, epoch, logs=None):
            super().on_epoch_end(epoch, {**logs, "val_loss": next(losses)})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("divnoising_tf.training.train.TrainingBackup", Backup)
        model = _trained(epochs=3, callbacks=[Judge()]).model
    np.testing.assert_array_equal(model.decoder.get_weights()[0], kept[1])


def test_averaged_weights_are_not_the_last_ones():
    update = {"validation_fraction": 0.0, "plateau": False, "learning_rate": 1e-2}
    plain = QUICK.model_copy(update=update)
    averaged = QUICK.model_copy(update=update | {"averaging": 0.9})
    weights = [_trained(one).model.decoder.get_weights()[0] for one in (plain, averaged)]
    assert not np.allclose(*weights)


def test_minutes_end_it(monkeypatch):
    limit = TimeLimit(1e-6)
    _, history, _ = _trained(minutes=limit, epochs=None)
    assert len(history) == 1
    assert limit.used_seconds > 0


@pytest.mark.parametrize(("asked", "strong"), [(None, True), (False, False), (True, True)])
def test_strong_noise_is_judged_from_the_images_unless_said(asked, strong):
    images = noisy_images(8, deviation=300.0)
    settings = QUICK.model_copy(update={"strong_noise": asked})
    model, history, _ = dn.train(
        images, GaussianNoiseModel(300.0), SMALL, settings, epochs=1, precision="float32"
    )
    assert model.initial_log_variance == (-4.0 if strong else -1.0)
    assert history[0]["beta_weight"] == (0.0 if strong else 1.0)


def test_refuses_what_cannot_be_trained():
    with pytest.raises(InputError, match="multiple of 32"):
        dn.train(noisy_images(2), NOISE, DivNoisingSettings(depth=5), QUICK)
    with pytest.raises(InputError, match="no finite loss"):
        _trained(QUICK, epochs=1, callbacks=[_Broken()])
    with pytest.raises(ValidationError, match="learning_rate"):
        TrainingSettings(learning_rate=2.0)


class _Broken(keras.callbacks.Callback):
    """Spoils the weights before the first step."""

    def on_train_begin(self, logs=None):
        weight = self.model.decoder.weights[0]
        weight.assign(np.full(weight.shape, np.nan))
