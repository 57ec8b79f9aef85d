"""The packages in model_zoo/, as committed: small, valid, and of some use."""

import json
import re

import numpy as np
import pytest
import yaml
from bioimageio_command import run_bioimageio_test
from zoo_packages import MODEL_ZOO, NAMES, package_file, unpacked

from divnoising_tf.zoo import load
from divnoising_tf.zoo_build.build import generated_pair

LARGEST = 5_000_000  # bytes


@pytest.fixture(params=NAMES)
def archive(request):
    return package_file(request.param)


@pytest.fixture
def folder(archive, tmp_path):
    return unpacked(archive.parent.name, tmp_path / "package")


@pytest.fixture
def readme(folder):
    return (folder / "README.md").read_text(encoding="utf-8")


def test_every_recipe_has_its_package_here():
    assert sorted(file.parent.name for file in MODEL_ZOO.glob("*/recipe.yaml")) == sorted(NAMES)


def test_is_small(archive):
    assert archive.stat().st_size < LARGEST


def test_says_what_a_user_must_know(folder, readme):
    for words in ("The data is published:", "Verdict: ", "Built by `divnoising zoo build"):
        assert words in readme
    description = yaml.safe_load((folder / "rdf.yaml").read_text(encoding="utf-8"))
    assert description["license"] == "CC0-1.0"
    assert len(description["cite"]) >= 2


def test_its_mean_is_closer_to_the_truth_than_its_input(readme):
    noisy, mean = (
        float(re.search(rf"\| {name}[^|]*\| ([\d.]+) \|", readme)[1])
        for name in ("noisy test image", "mean of")
    )
    assert mean > noisy + 6


def test_comes_back_for_keras(archive, folder):
    model = load(archive)
    image = np.load(folder / "test_input.npy")[0, ..., 0]
    mean, deviation = model.posterior(image).moments(16)
    # not collapsed: the signal follows the image
    assert np.corrcoef(mean.ravel(), image.ravel())[0, 1] > 0.5
    assert deviation.mean() > 0


@pytest.mark.slow
def test_passes_bioimageio_test(archive, tmp_path):
    summary = run_bioimageio_test(archive, tmp_path)
    assert summary["status"] == "passed", json.dumps(summary)[-4000:]


def test_the_package_of_w2s_shows_what_its_model_drew(tmp_path):
    folder = unpacked("w2s-channel-0", tmp_path)
    shown = np.load(folder / "test_input.npy")[0, ..., 0]
    drawn, _ = generated_pair(load(package_file("w2s-channel-0")), len(shown), seed=0)
    # the model is stored as float32 and was trained in bfloat16
    assert np.abs(shown - drawn).mean() < 0.05 * drawn.std()
