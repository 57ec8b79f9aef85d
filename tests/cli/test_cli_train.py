import csv

import keras
import numpy as np
import pytest
import tifffile
import yaml
from helpers.images import noisy_images

from divnoising_tf import _version
from divnoising_tf.noise_models import GaussianNoiseModel, NoiseModel
from divnoising_tf.training import backup

_TINY = ("--depth", 1, "--latent-channels", 4, "--base-channels", 4, "--patch-size", 16)


def _train(files, output, *options):
    return ("train", files.images, "--noise-model", files.noise, "-o", output, *_TINY, *options)


def test_training_writes_model_settings_and_history(files, run, tmp_path):
    output = tmp_path / "new folder" / "model.keras"
    result = run(*_train(files, output, "--epochs", 2, "--anneal", 3, "--precision", "float32"))
    assert result.exit_code == 0, result.output
    names = {path.name for path in output.parent.iterdir()}
    assert names == {"model.keras", "model.settings.yaml", "model.history.csv"}
    assert [line for line in result.stdout.splitlines() if line.endswith(".keras")]
    assert "left" in result.stderr
    assert "Computing in float32." in result.stderr
    model = keras.saving.load_model(output)
    assert (model.depth, model.latent_channels, model.channels) == (1, 4, 1)
    assert model.data_mean == pytest.approx(files.array.mean(), rel=0.1)
    content = yaml.safe_load((output.parent / "model.settings.yaml").read_text())
    assert content["divnoising_tf"] == _version.__version__
    assert content["command"] == "train"
    assert content["settings"]["anneal"] == 3
    assert content["settings"]["precision"] == "float32"
    assert content["settings"]["images"] == [str(files.images)]
    with (output.parent / "model.history.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["0", "1"]
    assert float(rows[0]["beta_weight"]) == 0
    assert np.isfinite(float(rows[1]["val_loss"]))


def test_settings_are_accepted_back_and_options_win(files, run, tmp_path):
    run(*_train(files, tmp_path / "a.keras", "--epochs", 1, "--beta", 0.5, "--no-augment"))
    result = run(
        "train", "--settings", tmp_path / "a.settings.yaml", "-o", tmp_path / "b.keras", "--seed", 3
    )
    assert result.exit_code == 0, result.output
    first, second = (
        yaml.safe_load((tmp_path / f"{name}.settings.yaml").read_text())["settings"]
        for name in "ab"
    )
    assert second.pop("output") == str(tmp_path / "b.keras")
    assert second.pop("seed") == 3
    assert second == {k: v for k, v in first.items() if k not in ("output", "seed")}
    assert second["augment"] is False


def test_images_that_are_mostly_noise_begin_their_own_way(files, run, tmp_path):
    rng = np.random.default_rng(0)
    image = np.tile(np.linspace(80, 120, 64), (64, 1)) + rng.normal(0, 60, (64, 64))
    tifffile.imwrite(tmp_path / "dark.tif", image.astype(np.float32))
    noise = tmp_path / "noise.json"
    GaussianNoiseModel(60.0).save(noise)
    command = ("train", tmp_path / "dark.tif", "--noise-model", noise, *_TINY, "--epochs", 2)
    result = run(*command, "-o", tmp_path / "strong.keras")
    assert "% of the pixels' variance is noise" in result.output
    model = keras.saving.load_model(tmp_path / "strong.keras")
    assert (model.kernel_initializer, model.initial_log_variance) == ("he_normal", -4.0)
    history = (tmp_path / "strong.history.csv").read_text().splitlines()
    column = history[0].split(",").index("beta_weight")
    # some hundred steps come first
    assert [float(line.split(",")[column]) for line in history[1:]] == [0.0, 0.0]

    result = run(*command, "--ordinary-noise", "-o", tmp_path / "ordinary.keras")
    assert "is noise" not in result.output
    model = keras.saving.load_model(tmp_path / "ordinary.keras")
    assert (model.kernel_initializer, model.initial_log_variance) == ("glorot_uniform", -1.0)


def test_a_killed_training_is_resumed(files, run, tmp_path, monkeypatch):
    output = tmp_path / "model.keras"
    saved = backup.TrainingBackup.on_epoch_end

    def killed(self, epoch, logs=None):
        saved(self, epoch, logs)
        if epoch == 1:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(backup.TrainingBackup, "on_epoch_end", killed)
        result = run(*_train(files, output, "--epochs", 3))
    assert result.exit_code == 130
    assert "--resume" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["model.training"]
    again = run(*_train(files, output, "--epochs", 3))
    assert again.exit_code == 2
    assert "interrupted training" in again.stderr
    changed = run(*_train(files, output, "--epochs", 3, "--beta", 2, "--resume"))
    assert changed.exit_code == 2
    assert "beta: 1.0 before, 2.0 now" in changed.stderr
    settings = tmp_path / "model.training" / "settings.yaml"
    result = run("train", "--settings", settings, "--resume")
    assert result.exit_code == 0, result.output
    assert "Going on with epoch 3" in result.stderr
    with (tmp_path / "model.history.csv").open() as file:
        assert [row["epoch"] for row in csv.DictReader(file)] == ["0", "1", "2"]
    assert not (tmp_path / "model.training").exists()


def test_minutes_end_the_training_and_the_noise_is_learned(files, run, tmp_path):
    result = run(*_train(files, tmp_path / "model.keras", "--minutes", 0.03, "--learn-noise"))
    assert result.exit_code == 0, result.output
    learned = keras.saving.load_model(tmp_path / "model.keras").noise_model
    assert learned.trainable
    assert learned.standard_deviation != NoiseModel.load(files.noise).standard_deviation
    written = NoiseModel.load(tmp_path / "model.noise.json")
    assert written.standard_deviation == pytest.approx(learned.standard_deviation)


def test_channels_and_their_noise_are_learned_from_the_images_alone(run, tmp_path):
    images = np.stack([noisy_images(8), noisy_images(8, deviation=5.0, seed=1)], axis=1)
    np.save(tmp_path / "two.npy", images)
    options = ("--axes", "SCYX", "--learn-noise", "--epochs", 1, "-o", tmp_path / "model.keras")
    result = run("train", tmp_path / "two.npy", *options, *_TINY)
    assert result.exit_code == 0, result.output
    model = keras.saving.load_model(tmp_path / "model.keras")
    assert model.channels == 2
    first, second = (float(one.variance(100.0)) ** 0.5 for one in model.noise_model.models)
    assert first == pytest.approx(15, rel=0.3)
    assert second == pytest.approx(5, rel=0.3)


def test_one_noise_model_for_each_channel(files, run, refused, tmp_path):
    np.save(tmp_path / "two.npy", np.stack([noisy_images(8)] * 2, axis=1))
    command = ("train", tmp_path / "two.npy", "--axes", "SCYX", "-o", tmp_path / "model.keras")
    noise = ("--noise-model", files.noise)
    refused("3 noise models for 2 channel", tmp_path, *command, *noise * 3, *_TINY)
    refused("no noise model", tmp_path, *command, *_TINY)
    result = run(*command, *noise * 2, *_TINY, "--epochs", 1)
    assert result.exit_code == 0, result.output
    assert len(keras.saving.load_model(tmp_path / "model.keras").noise_model.models) == 2


def test_nothing_is_replaced_unless_told(files, run, refused, tmp_path):
    output = tmp_path / "model.keras"
    output.write_text("precious")
    refused("exists already", tmp_path, *_train(files, output, "--epochs", 1))
    result = run(*_train(files, output, "--epochs", 1, "--overwrite"))
    assert result.exit_code == 0, result.output
    assert output.read_bytes() != b"precious"


def test_a_folder_of_something_else_is_never_deleted(files, refused, tmp_path):
    (tmp_path / "model.training").mkdir()
    (tmp_path / "model.training" / "notes.txt").write_text("precious")
    command = _train(files, tmp_path / "model.keras", "--epochs", 1, "--overwrite")
    refused("not a file of settings", tmp_path, *command)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--patch-size", 15), "multiple of 2"),
        (("--patch-size", 64), "largest patch size that fits is 32"),
        (("--learning-rate", 0), "learning rate"),
        (("--validation", 1), "validation_fraction"),
        (("--epochs", 0), "epochs"),
        (("--epochs", "many"), "epochs"),
        (("--minutes", -1), "time to train"),
        (("--axes", "QYX"), "unknown letters"),
        (("--noise-model", "missing.json"), "not a noise model"),
        (("--settings", "missing.yaml"), "not a file of settings"),
        (("--output", "model.h5"), "must end in .keras"),
    ],
)
def test_bad_options_are_refused(files, refused, tmp_path, monkeypatch, options, message):
    monkeypatch.chdir(tmp_path)
    refused(message, tmp_path, *_train(files, tmp_path / "model.keras", *options))


def test_images_in_other_units_are_refused(files, refused, tmp_path):
    np.save(tmp_path / "scaled.npy", noisy_images(4) / 255)
    refused(
        "vary less than their noise",
        tmp_path,
        *("train", tmp_path / "scaled.npy", "--noise-model", files.noise),
        *("-o", tmp_path / "model.keras", *_TINY),
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("- 1", "not a file of settings"),
        ("command: denoise\nsettings: {}", "for another command"),
        ("command: train\nsettings: {betta: 1}", "betta"),
        ("command: train\nsettings: {beta: much}", "beta"),
    ],
)
def test_bad_settings_are_refused(files, refused, tmp_path, content, message):
    (tmp_path / "a.yaml").write_text(content)
    options = ("--settings", tmp_path / "a.yaml")
    refused(message, tmp_path, *_train(files, tmp_path / "model.keras", *options))
