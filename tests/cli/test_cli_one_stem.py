"""Results whose names differ in their suffix alone stand in one folder, each with its settings."""

import numpy as np
import pytest
import yaml
from helpers.images import smooth_images

from divnoising_tf.cli._settings import settings_path


@pytest.fixture
def shots(tmp_path):
    noise = np.random.default_rng(0).normal(0, 10, (8, 96, 96))
    np.save(tmp_path / "shots.npy", (smooth_images(1, 96) + noise).astype(np.float32))
    return tmp_path / "shots.npy"


def _fit(shots, folder, *options):
    output = ("-o", folder / "nuclei.json", "--gaussians", 1)
    return ("noise-model", "fit", shots, *output, *options)


def _generate(files, folder, *options):
    output = ("-o", folder / "nuclei.tif", "--size", 16, 16, "-n", 1)
    return ("generate", "-m", files.model, *output, *options)


def _commands(folder):
    return {
        path.name: yaml.safe_load(path.read_text())["command"] for path in folder.glob("*.yaml")
    }


def test_results_of_one_stem_stand_in_one_folder(files, shots, run, tmp_path):
    folder = tmp_path / "nuclei"
    train = ("train", shots, "--noise-model", folder / "nuclei.json", "-o", folder / "nuclei.keras")
    train += ("--depth", 1, "--latent-channels", 4, "--base-channels", 4, "--patch-size", 16)
    train += ("--epochs", 1, "--steps-per-epoch", 1)
    for command in (_fit(shots, folder), train, _generate(files, folder)):
        result = run(*command)
        assert result.exit_code == 0, result.output
    expected = {
        "nuclei.settings.yaml": "noise-model fit",
        "nuclei.keras.settings.yaml": "train",
        "nuclei.tif.settings.yaml": "generate",
    }
    assert _commands(folder) == expected
    for command in (train, _fit(shots, folder)):
        again = run(*command)
        assert again.exit_code == 2
        assert "exists already" in again.stderr
    assert run(*_fit(shots, folder, "--overwrite")).exit_code == 0
    assert run(*_generate(files, folder, "--overwrite")).exit_code == 0
    assert _commands(folder) == expected
    moved = folder.rename(tmp_path / "moved")
    again = run(
        "noise-model",
        "fit",
        "--settings",
        moved / "nuclei.settings.yaml",
        "--overwrite",
        "-o",
        moved / "nuclei.json",
    )
    assert again.exit_code == 0, again.output
    assert _commands(moved) == expected


def test_settings_that_are_none_are_left_alone(files, run, tmp_path):
    (tmp_path / "nuclei.settings.yaml").write_text("precious")
    assert run(*_generate(files, tmp_path)).exit_code == 0
    assert (tmp_path / "nuclei.settings.yaml").read_text() == "precious"
    assert settings_path(tmp_path / "nuclei.tif").name == "nuclei.tif.settings.yaml"
    assert settings_path(tmp_path / "cells.ome.tif").name == "cells.settings.yaml"
