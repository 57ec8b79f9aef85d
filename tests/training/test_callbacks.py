import keras
import numpy as np
import pytest
from helpers.images import noisy_images

from divnoising_tf import DivNoising, GaussianNoiseModel, InputError, KLAnnealing, PosteriorCollapse


def small_model(noise_deviation=15.0):
    keras.utils.set_random_seed(0)
    model = DivNoising(
        GaussianNoiseModel(noise_deviation), depth=1, latent_channels=4, base_channels=4
    )
    model.compile(optimizer=keras.optimizers.Adam(1e-3))
    return model


def fit(model, epochs, *callbacks, **kwargs):
    images = noisy_images(16)[..., np.newaxis]
    return model.fit(
        images, batch_size=8, epochs=epochs, verbose=0, callbacks=list(callbacks), **kwargs
    ).history


@pytest.mark.parametrize("shape", ["linear", "cosine", "sigmoid"])
def test_annealing_rises_from_0_to_1(shape):
    annealing = KLAnnealing(epochs=10, start=3, shape=shape)
    weights = [annealing.weight(epoch) for epoch in range(20)]
    assert weights[:4] == [0.0] * 4
    assert weights[8] == pytest.approx(0.5)
    assert weights[13:] == [1.0] * 7
    assert np.all(np.diff(weights[3:14]) > 0)


def test_annealing_acts_on_the_loss_and_leaves_the_full_weight():
    model = small_model()
    history = fit(model, 4, KLAnnealing(epochs=2))
    np.testing.assert_allclose(history["beta_weight"], [0.0, 0.5, 1.0, 1.0])
    assert history["loss"][0] == pytest.approx(history["reconstruction"][0], rel=1e-5)
    assert float(model.kl_weight.numpy()) == 1.0


def test_annealing_goes_on_where_a_resumed_training_does():
    history = fit(small_model(), 4, KLAnnealing(epochs=4), initial_epoch=2)
    np.testing.assert_allclose(history["beta_weight"], [0.5, 0.75])


@pytest.mark.parametrize(
    "arguments", [{"epochs": -1}, {"start": -2}, {"shape": "step"}, {"shape": ""}]
)
def test_annealing_refuses(arguments):
    with pytest.raises(InputError):
        KLAnnealing(**arguments)


def test_healthy_training_is_left_alone():
    watch = PosteriorCollapse()
    history = fit(small_model(), 6, watch)
    assert len(history["loss"]) == 6
    assert watch.restarts == 0


def test_collapse_stops_with_advice(caplog):
    model = small_model()
    # q(z|x) is the prior, whatever the image
    model.encoder.set_weights([np.zeros(weight.shape) for weight in model.encoder.weights])
    model.optimizer.learning_rate = 0.0
    history = fit(model, 12, PosteriorCollapse(patience=3))
    assert len(history["loss"]) == 3
    assert "Posterior collapse" in caplog.text
    assert "KLAnnealing" in caplog.text


def test_collapse_restarts_a_bounded_number_of_times(caplog):
    model = small_model(noise_deviation=1e4)
    watch = PosteriorCollapse(minimum_kl=1.0, patience=1, action="restart", max_restarts=2)
    before = model.encoder.get_weights()[0]
    history = fit(model, 10, watch)
    assert watch.restarts == 2
    assert len(history["loss"]) == 3
    assert caplog.text.count("Restart") == 2
    assert "Training stopped" in caplog.text
    assert not np.allclose(before, model.encoder.get_weights()[0])


def test_restart_anneals_and_forgets_the_optimiser():
    model = small_model()
    watch = PosteriorCollapse(minimum_kl=1e3, patience=2, action="restart", max_restarts=1)
    history = fit(model, 4, watch)
    np.testing.assert_allclose(history["beta_weight"], [1.0, 1.0, 0.0, 1 / 15], rtol=1e-6)
    assert model.kl_weight.numpy() == 1


@pytest.mark.parametrize("watch_first", [False, True])
def test_a_restart_asks_the_annealing_to_begin_anew(watch_first):
    model = small_model()
    annealing = KLAnnealing(epochs=2, start=1)
    watch = PosteriorCollapse(
        minimum_kl=1e3, patience=3, action="restart", max_restarts=1, annealing=annealing
    )
    callbacks = [watch, annealing] if watch_first else [annealing, watch]
    history = fit(model, 6, *callbacks)
    np.testing.assert_allclose(history["beta_weight"], [0.0, 0.0, 0.5, 0.0, 0.0, 0.5])


@pytest.mark.parametrize("arguments", [{"action": "pray"}, {"patience": 0}, {"max_restarts": -1}])
def test_watch_refuses(arguments):
    with pytest.raises(InputError):
        PosteriorCollapse(**arguments)


def test_checkpoint_of_keras_keeps_the_model_of_the_best_epoch(tmp_path):
    model, kept = small_model(), []
    keep = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda *_: kept.append(model.decoder.get_weights()[0])
    )
    checkpoint = keras.callbacks.ModelCheckpoint(
        tmp_path / "best.keras", save_best_only=True, mode="min"
    )
    validation = noisy_images(4)[..., np.newaxis]
    history = fit(model, 3, keep, checkpoint, validation_data=(validation,))
    best = keras.saving.load_model(tmp_path / "best.keras")
    expected = kept[int(np.argmin(history["val_loss"]))]
    np.testing.assert_array_equal(best.decoder.get_weights()[0], expected)
    np.testing.assert_array_equal(best.data_mean, model.data_mean)


def test_early_stopping_of_keras_ends_the_training():
    stopping = keras.callbacks.EarlyStopping("loss", patience=2, min_delta=1e9, mode="min")
    assert len(fit(small_model(), 9, stopping)["loss"]) == 3


def test_plateau_follows_the_validation_loss():
    model = small_model()
    plateau = keras.callbacks.ReduceLROnPlateau(factor=0.5, patience=1, min_delta=1e9)
    fit(model, 3, plateau, validation_data=(noisy_images(4)[..., np.newaxis],))
    assert float(model.optimizer.learning_rate) < 1e-3
