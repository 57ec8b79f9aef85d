import itertools
from types import SimpleNamespace

import pytest
from helpers.images import noisy_images

from divnoising_tf import DivNoising, GaussianNoiseModel, InputError
from divnoising_tf.training import time_limit
from divnoising_tf.training.collapse import PosteriorCollapse
from divnoising_tf.training.paper_callbacks import paper_callbacks
from divnoising_tf.training.time_limit import TimeLimit


def test_the_plateau_and_the_end_are_the_papers():
    plateau, stopping, *_ = paper_callbacks()
    assert (plateau.factor, plateau.patience) == (0.5, 30)
    assert (abs(stopping.min_delta), stopping.patience) == (1e-6, 100)
    assert plateau.monitor == stopping.monitor == "val_loss"
    assert paper_callbacks(validation=False)[0].monitor == "loss"


def test_a_restart_anneals_as_the_beginning_did():
    model = DivNoising(GaussianNoiseModel(15.0), depth=1, latent_channels=4, base_channels=4)
    model.compile(optimizer="adam")
    callbacks = paper_callbacks(annealing_epochs=40, annealing_start=5)
    for callback in callbacks:
        callback.set_model(model)
    watch = next(one for one in callbacks if isinstance(one, PosteriorCollapse))
    watch.restarted_at = 100
    weights = []
    for epoch in (104, 125, 145):
        for callback in callbacks:
            callback.on_epoch_begin(epoch)
        weights.append(float(model.kl_weight))
    assert weights == [0.0, 0.5, 1.0]


def test_nothing_is_judged_before_the_divergence_has_its_weight():
    model = DivNoising(GaussianNoiseModel(15.0), depth=1, latent_channels=4, base_channels=4)
    model.compile(optimizer="adam")
    plateau, stopping, *_ = paper_callbacks(annealing_epochs=10, annealing_start=5)
    for callback in (plateau, stopping):
        callback.set_model(model)
        callback.on_train_begin()
    rates = []
    for epoch in range(140):
        # without any progress
        for callback in (plateau, stopping):
            callback.on_epoch_end(epoch, {"val_loss": 1.0})
        rates.append(float(model.optimizer.learning_rate))
        if model.stop_training:
            break
    assert epoch == 15 + 100
    # the first epoch that counts is the best one, then there is patience
    assert rates.index(min(rates[:50])) == 15 + 30


def test_training_ends_when_the_time_is_over_within_an_epoch(monkeypatch):
    model = DivNoising(GaussianNoiseModel(15.0), depth=1, latent_channels=4, base_channels=4)
    model.compile(optimizer="adam")
    images = noisy_images(64)[..., None]
    seconds = itertools.count()
    # the clock of this module alone: TensorFlow and threads keep theirs
    monkeypatch.setattr(time_limit, "time", SimpleNamespace(monotonic=lambda: float(next(seconds))))
    limit = TimeLimit(minutes=0.5)
    history = model.fit(images, batch_size=1, epochs=10, verbose=0, callbacks=[limit])
    assert len(history.epoch) == 1
    assert model.optimizer.iterations == 30
    assert limit.used_seconds == 31  # and the end of the epoch


def test_time_used_before_an_interruption_counts():
    model = DivNoising(GaussianNoiseModel(15.0), depth=1, latent_channels=4, base_channels=4)
    model.compile(optimizer="adam")
    limit = TimeLimit(minutes=1)
    limit.used_seconds = 60.0
    history = model.fit(noisy_images(8)[..., None], batch_size=1, verbose=0, callbacks=[limit])
    assert len(history.epoch) == 1
    assert model.optimizer.iterations == 1


@pytest.mark.parametrize("minutes", [0, -1, float("nan")])
def test_no_time_is_refused(minutes):
    with pytest.raises(InputError, match="positive"):
        TimeLimit(minutes)
