import errno
import json

import keras
import numpy as np
import pytest
from helpers.images import noisy_images

from divnoising_tf import DivNoising, GaussianNoiseModel, InputError
from divnoising_tf.data import patches
from divnoising_tf.training import backup
from divnoising_tf.training.backup import TrainingBackup
from divnoising_tf.training.collapse import PosteriorCollapse
from divnoising_tf.training.paper_callbacks import paper_callbacks


class _Kill(keras.callbacks.Callback):
    """Ends the process, as far as a callback can, in the middle of an epoch."""

    def __init__(self, epoch):
        super().__init__()
        self.epoch = epoch

    def on_epoch_begin(self, epoch, logs=None):
        self.now = epoch == self.epoch

    def on_train_batch_end(self, batch, logs=None):
        if self.now:
            raise KeyboardInterrupt


def _train(folder, epochs, *more, channels=4):
    keras.utils.set_random_seed(1)
    model = DivNoising(
        GaussianNoiseModel(15.0), depth=1, latent_channels=channels, base_channels=channels
    )
    model.compile(optimizer=keras.optimizers.Adam(2e-3))
    callbacks = paper_callbacks(minutes=10, annealing_epochs=2)
    callbacks[0].patience = 1  # so that the learning rate moves
    backup = TrainingBackup(folder, callbacks)
    train, validation = patches(noisy_images(20), 16, 8, first_epoch=backup.epoch)
    model.fit(
        train,
        validation_data=validation,
        epochs=epochs,
        initial_epoch=backup.epoch,
        callbacks=[*callbacks, *more, backup],
        verbose=0,
    )
    return model, backup


def test_a_killed_training_ends_where_the_uninterrupted_one_does(tmp_path):
    whole, kept = _train(tmp_path / "whole", 4)
    with pytest.raises(KeyboardInterrupt):
        _train(tmp_path / "killed", 4, _Kill(2))
    resumed, backup = _train(tmp_path / "killed", 4)
    assert [one["epoch"] for one in backup.history] == list(range(4))
    for one, other in zip(backup.history, kept.history, strict=True):
        assert one == pytest.approx(other, rel=1e-3)
    np.testing.assert_allclose(
        resumed.decoder.get_weights()[0], whole.decoder.get_weights()[0], atol=1e-4
    )
    assert resumed.optimizer.iterations == whole.optimizer.iterations


def test_the_best_weights_come_back(tmp_path):
    model, backup = _train(tmp_path, 2)
    best = model.decoder.get_weights()[0]
    model.optimizer.learning_rate = 1.0  # ruins the model
    callbacks = [TrainingBackup(tmp_path)]
    images = noisy_images(8)[..., None]
    model.fit(
        images, validation_data=(images,), initial_epoch=2, epochs=3, callbacks=callbacks, verbose=0
    )
    assert not np.allclose(model.decoder.get_weights()[0], best)
    callbacks[0].load_best(model)
    values = [one["val_loss"] for one in callbacks[0].history]
    assert np.argmin(values) < 2
    if np.argmin(values) == 1:
        np.testing.assert_array_equal(model.decoder.get_weights()[0], best)
    assert len(list(tmp_path.iterdir())) == 3  # last and best weights, state
    backup.remove()
    assert not tmp_path.exists()


def test_counts_of_the_other_callbacks_are_kept(tmp_path):
    _train(tmp_path, 4)
    callbacks = paper_callbacks(minutes=10, annealing_epochs=2)
    backup = TrainingBackup(tmp_path, callbacks)
    model = DivNoising(GaussianNoiseModel(15.0), depth=1, latent_channels=4, base_channels=4)
    model.compile(optimizer="adam")
    backup.set_model(model)
    for callback in callbacks:
        callback.set_model(model)
        callback.on_train_begin()
    backup.on_train_begin()
    # what comes before the full weight of the KL divergence is not judged
    best = min(one["val_loss"] for one in backup.history[2:])
    assert callbacks[0].best == pytest.approx(best, abs=1e-3)
    assert callbacks[1].best == pytest.approx(best)
    assert callbacks[-1].used_seconds > 0


class _NoCollapse(keras.callbacks.Callback):
    """From its second epoch on, reports a KL divergence that no watch minds."""

    def on_epoch_end(self, epoch, logs=None):
        if epoch >= 1:
            logs["kl"] = 1e6


def test_the_annealing_after_a_restart_goes_on(tmp_path):
    def fit(epochs):
        model = DivNoising(GaussianNoiseModel(15.0), depth=1, latent_channels=4, base_channels=4)
        model.compile(optimizer="adam")
        watch = PosteriorCollapse(minimum_kl=1e3, patience=1, action="restart", max_restarts=1)
        backup = TrainingBackup(tmp_path, [watch], monitor="loss")
        history = model.fit(
            noisy_images(8)[..., np.newaxis],
            epochs=epochs,
            initial_epoch=backup.epoch,
            callbacks=[_NoCollapse(), watch, backup],
            verbose=0,
        )
        return history.history["beta_weight"]

    # restarted before the second epoch, interrupted after the third
    assert [*fit(3), *fit(5)] == pytest.approx([1.0, 0.0, 1 / 15, 2 / 15, 3 / 15])


def test_a_full_disk_leaves_the_state_of_the_epoch_before(tmp_path, monkeypatch):
    _train(tmp_path, 1)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(backup.os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):
            _train(tmp_path, 2)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    _, resumed = _train(tmp_path, 2)
    assert [one["epoch"] for one in resumed.history] == [0, 1]


def test_a_state_that_keras_wrote_is_taken_up(tmp_path):
    model, _ = _train(tmp_path, 1)
    model.save_weights(tmp_path / "epoch-0.weights.h5")
    state = json.loads((tmp_path / "state.json").read_text())
    state |= {"weights": "epoch-0.weights.h5", "best_weights": "epoch-0.weights.h5"}
    (tmp_path / "state.json").write_text(json.dumps(state))
    resumed, _ = _train(tmp_path, 1)  # takes up the state, and has nothing left to do
    for one, other in zip(resumed.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert resumed.optimizer.iterations == model.optimizer.iterations
    resumed, _ = _train(tmp_path, 2)
    assert not list(tmp_path.glob("epoch-0*"))


def test_damaged_weights_and_those_of_other_names_are_refused(tmp_path):
    model, kept = _train(tmp_path, 1)
    file = tmp_path / "best-0.npz"
    whole = file.read_bytes()
    for content in (b"", b"PK", b"\x93NUMPY", whole[:-100], whole[:100] + whole[200:]):
        file.write_bytes(content)
        with pytest.raises(InputError, match="damaged"):
            kept.load_best(model)
    file.write_bytes(whole)
    with np.load(file) as archive:
        arrays = {name.replace("encoder", "decoder"): archive[name] for name in archive.files}
    np.savez(file, **arrays)
    with pytest.raises(InputError, match="other names or shapes"):
        kept.load_best(model)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"epoch": 3}'])
def test_a_folder_of_something_else_is_refused(tmp_path, content):
    (tmp_path / "state.json").write_text(content)
    with pytest.raises(InputError, match="damaged"):
        TrainingBackup(tmp_path)


def test_the_state_of_another_model_is_refused(tmp_path):
    _train(tmp_path, 1)
    with pytest.raises(InputError, match="does not belong to this model"):
        _train(tmp_path, 2, channels=6)


def test_a_loss_that_is_no_number_is_never_the_best(tmp_path):
    model = DivNoising(GaussianNoiseModel(15.0), depth=1, latent_channels=1, base_channels=1)
    model.compile(optimizer="adam")
    model.optimizer.build(model.trainable_variables)
    backup = TrainingBackup(tmp_path)
    backup.set_model(model)
    for epoch, loss in enumerate((np.nan, 2.0, np.nan, 1.0, 3.0)):
        backup.on_epoch_end(epoch, {"val_loss": loss})
    assert sorted(file.name for file in tmp_path.glob("best*")) == ["best-3.npz"]
