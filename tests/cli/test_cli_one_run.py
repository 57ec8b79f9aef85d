"""Two commands of one result: real processes, one of which waits at a known place."""

import csv
import json

import keras
import numpy as np
import pytest
import tifffile
import yaml
from helpers.other_process import OtherProcess

_COMMAND = """
import sys
sys.argv[0] = "divnoising"
from divnoising_tf.{module} import {name}
done = {name}.{function}
def wait(*arguments, **options):
    done(*arguments, **options)
    wait_here()
{name}.{function} = wait
from divnoising_tf.cli import main
main()
"""
_TRAIN = _COMMAND.format(module="training.backup", name="TrainingBackup", function="on_epoch_end")
_DENOISE = _COMMAND.format(module="cli", name="_whole", function="announce")
_TINY = ("--depth", 1, "--latent-channels", 4, "--base-channels", 4, "--patch-size", 16)


def _train(files, folder, *options):
    output = ("-o", folder / "model.keras")
    return ("train", files.images, "--noise-model", files.noise, *output, *_TINY, *options)


def _text(output):
    return " ".join(output.split())


@pytest.fixture
def first(files, tmp_path):
    """A training that has come to its second epoch, in another process, and its folder."""
    folder = tmp_path / "out"
    command = _train(files, folder, "--epochs", 2, "--seed", 1)
    with OtherProcess(tmp_path / "talk", _TRAIN, *command) as process:
        yield process, folder


def test_a_training_does_not_take_the_state_of_one_that_works(first, files, run):
    process, folder = first
    second = _train(files, folder, "--epochs", 1, "--seed", 2, "--overwrite")
    for options in ((), ("--resume",)):
        refused = run(*second, *options)
        assert refused.exit_code == 2
        assert "Another process is writing this result." in refused.stderr
        assert f"process {process.number} on " in refused.stderr
        assert "(divnoising train " in refused.stderr
    code, said = process.let_go()
    assert code == 0, said
    settings = yaml.safe_load((folder / "model.settings.yaml").read_text())["settings"]
    assert settings["seed"] == 1
    with (folder / "model.history.csv").open() as file:
        assert [row["epoch"] for row in csv.DictReader(file)] == ["0", "1"]
    results = {path.name for path in folder.iterdir()}
    assert results == {"model.keras", "model.settings.yaml", "model.history.csv"}


def test_a_training_begins_anew_when_the_first_was_killed(first, files, run, tmp_path):
    process, folder = first
    process.kill()
    result = run(*_train(files, folder, "--epochs", 1, "--seed", 2, "--overwrite"))
    assert result.exit_code == 0, result.output
    assert "Going on" not in result.stderr
    fresh = run(*_train(files, tmp_path / "fresh", "--epochs", 1, "--seed", 2))
    assert fresh.exit_code == 0, fresh.output
    one, other = (
        keras.saving.load_model(path / "model.keras").decoder.get_weights()[0]
        for path in (folder, tmp_path / "fresh")
    )
    np.testing.assert_allclose(one, other, atol=1e-4)


def test_two_denoise_into_one_folder(files, run, tmp_path):
    folder = tmp_path / "out"
    command = ("denoise", files.images, "-m", files.model, "--average", 2, "-o", folder)
    with OtherProcess(tmp_path / "talk", _DENOISE, *command) as process:
        for options in ((), ("--overwrite",), ("--seed", 2)):
            refused = run(*command, *options)
            assert refused.exit_code == 2
            assert f"process {process.number} on " in refused.stderr
            assert "(divnoising denoise " in refused.stderr
        # another folder is free, and so is this one for another command
        image = files.images / "shot0.tif"
        assert run("denoise", image, *command[2:-1], tmp_path / "other").exit_code == 0
        assert run("check", image, "-m", files.model, "-n", 39, "-o", folder).exit_code == 0
        code, said = process.let_go()
        assert code == 0, said
    assert len(list(folder.glob("*_denoised.tif"))) == 10
    assert not [path for path in folder.iterdir() if path.name.startswith(".")]


def test_a_training_goes_on_with_equal_data_alone(files, run, tmp_path, stopped_training):
    command, images = stopped_training
    changed = images / "shot3.tif"
    before = tifffile.imread(changed)
    tifffile.imwrite(changed, before[::-1])
    refused = run(*command, "--resume")
    assert refused.exit_code == 2
    assert "image 4 (shot3.tif) is another" in _text(refused.stderr)
    tifffile.imwrite(changed, before)
    tifffile.imwrite(images / "shot99.tif", before)
    assert "image 11 (shot99.tif) is new" in _text(run(*command, "--resume").stderr)
    (images / "shot99.tif").unlink()
    last = (images / "shot9.tif").rename(tmp_path / "shot9.tif")
    assert "image 10 (shot9.tif) is gone" in _text(run(*command, "--resume").stderr)
    last.rename(images / "shot9.tif")
    noise = json.loads((tmp_path / "noise.json").read_text())
    text = (tmp_path / "noise.json").read_text()
    noise["config"]["standard_deviation"] = 14.0
    (tmp_path / "noise.json").write_text(json.dumps(noise))
    assert "the noise model noise.json is another" in _text(run(*command, "--resume").stderr)
    (tmp_path / "noise.json").write_text(text)
    result = run(*command, "--resume")
    assert result.exit_code == 0, result.output
    assert "Going on with epoch 2" in result.stderr


def test_another_version_and_a_state_that_did_not_note_its_images_are_said(
    run, tmp_path, stopped_training
):
    command, _ = stopped_training
    settings = tmp_path / "model.training" / "settings.yaml"
    content = yaml.safe_load(settings.read_text())
    settings.write_text(yaml.safe_dump({**content, "divnoising_tf": "0.0.1"}))
    (tmp_path / "model.training" / "data.json").unlink()
    result = run(*command, "--resume")
    assert result.exit_code == 0, result.output
    assert "began with divnoising_tf 0.0.1 and goes on with" in _text(result.stderr)
    assert "did not note its images" in _text(result.stderr)


@pytest.mark.parametrize("content", ["", "[1]", "{"])
def test_a_damaged_note_of_the_images_is_refused(run, tmp_path, stopped_training, content):
    command, _ = stopped_training
    (tmp_path / "model.training" / "data.json").write_text(content)
    result = run(*command, "--resume")
    assert result.exit_code == 2
    assert "state of the training is damaged" in _text(result.stderr)


@pytest.fixture
def stopped_training(files, run, tmp_path, monkeypatch):
    """The command of a training that was interrupted after an epoch, and its images."""
    from divnoising_tf.training import backup

    images = tmp_path / "images"
    images.mkdir()
    for path in files.images.iterdir():
        (images / path.name).write_bytes(path.read_bytes())
    (tmp_path / "noise.json").write_bytes(files.noise.read_bytes())
    command = ("train", images, "--noise-model", tmp_path / "noise.json", *_TINY, "--epochs", 2)
    command += ("-o", tmp_path / "model.keras")
    saved = backup.TrainingBackup.on_epoch_end

    def interrupted(self, epoch, logs=None):
        saved(self, epoch, logs)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(backup.TrainingBackup, "on_epoch_end", interrupted)
        assert run(*command).exit_code == 130
    return command, images


@pytest.mark.parametrize("last", ["model.keras", "model.history.csv", "model.settings.yaml"])
def test_a_training_killed_between_its_results_goes_on(
    run, tmp_path, stopped_training, killed, last
):
    command, _ = stopped_training
    with killed(last):
        run(*command, "--resume")
    assert (tmp_path / last).exists()
    refused = run(*command)
    assert refused.exit_code == 2
    assert "interrupted training" in refused.stderr
    result = run(*command, "--resume")
    assert result.exit_code == 0, result.output
    names = {path.name for path in tmp_path.iterdir()}
    assert {"model.keras", "model.history.csv", "model.settings.yaml"} < names
    assert "model.training" not in names
    assert not [name for name in names if name.startswith(".")]
