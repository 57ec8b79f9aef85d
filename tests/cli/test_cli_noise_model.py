import json

import numpy as np
import pytest
import tifffile
import yaml
from helpers.images import smooth_images

from divnoising_tf.noise_models import NoiseModel

_SIGNAL = smooth_images(1, 96)[0]


def _shots(n, deviation=10.0, seed=0):
    noise = np.random.default_rng(seed).normal(0, deviation, (n, *_SIGNAL.shape))
    return np.round(_SIGNAL + noise).clip(0).astype(np.uint16)


@pytest.fixture
def shots(tmp_path):
    folder = tmp_path / "shots"
    folder.mkdir()
    for number, shot in enumerate(_shots(8)):
        tifffile.imwrite(folder / f"{number}.tif", shot)
    return folder


def test_a_noise_model_is_fitted_to_repeated_shots(shots, run, tmp_path):
    output = tmp_path / "noise.json"
    result = run("noise-model", "fit", shots, "-o", output, "--gaussians", 1)
    assert result.exit_code == 0, result.output
    noise = NoiseModel.load(output)
    assert noise.n_components == 1
    assert float(noise.variance(150.0)) == pytest.approx(100, rel=0.1)
    assert "Verdict: good" in result.stderr
    written = {path.name for path in tmp_path.iterdir()} - {"shots"}
    names = ("json", "report.txt", "report.png", "pixels.png", "settings.yaml")
    assert written == {f"noise.{name}" for name in names}
    assert [line.split(".", 1)[1] for line in result.stdout.splitlines()] == [
        str(tmp_path / f"noise.{name}").split(".", 1)[1] for name in names
    ]
    assert "Verdict: good" in (tmp_path / "noise.report.txt").read_text()
    settings = yaml.safe_load((tmp_path / "noise.settings.yaml").read_text())
    assert settings["command"] == "noise-model fit"
    assert settings["settings"]["gaussians"] == 1


@pytest.mark.parametrize("kind", ["histogram", "poisson-gaussian"])
def test_clean_images_and_other_kinds_and_settings_that_come_back(shots, run, tmp_path, kind):
    np.save(tmp_path / "clean.npy", _SIGNAL)
    options = ("--signal", tmp_path / "clean.npy", "--kind", kind)
    result = run("noise-model", "fit", shots, "-o", tmp_path / "a.json", *options)
    assert result.exit_code == 0, result.output
    first = json.loads((tmp_path / "a.json").read_text())
    again = ("--settings", tmp_path / "a.settings.yaml", "-o", tmp_path / "b.json")
    assert run("noise-model", "fit", *again).exit_code == 0
    second = json.loads((tmp_path / "b.json").read_text())
    first["config"].pop("name")
    second["config"].pop("name")
    assert first == second


def test_a_noise_model_is_bootstrapped_from_noisy_images_alone(shots, run, tmp_path):
    options = ("--steps", 8, "--kind", "poisson-gaussian", "-o", tmp_path / "noise.json")
    result = run("noise-model", "bootstrap", shots, *options)
    assert result.exit_code == 0, result.output
    assert "Verdict" in result.stderr
    # so short a training leaves blur, which counts as noise
    assert 8 < float(NoiseModel.load(tmp_path / "noise.json").variance(100.0)) ** 0.5 < 80
    settings = yaml.safe_load((tmp_path / "noise.settings.yaml").read_text())
    assert settings["command"] == "noise-model bootstrap"


def test_denoised_images_of_the_user_are_taken(shots, run, refused, tmp_path):
    np.save(tmp_path / "denoised.npy", np.stack([_SIGNAL] * 8))
    np.save(tmp_path / "few.npy", np.stack([_SIGNAL] * 3))
    command = ("noise-model", "bootstrap", shots, "-o", tmp_path / "noise.json", "--denoised")
    refused("do not match", tmp_path, *command, tmp_path / "few.npy")
    result = run(*command, tmp_path / "denoised.npy", "--gaussians", 1)
    assert result.exit_code == 0, result.output
    noise = NoiseModel.load(tmp_path / "noise.json")
    assert float(noise.variance(150.0)) == pytest.approx(100, rel=0.1)


def test_a_report_tells_good_from_bad(shots, run, tmp_path):
    run("noise-model", "fit", shots, "-o", tmp_path / "noise.json")
    np.save(tmp_path / "clean.npy", _SIGNAL)
    for deviation, verdict in ((10.0, "good"), (20.0, "bad")):
        np.save(tmp_path / "noisy.npy", _shots(4, deviation, seed=1))
        result = run(
            *("noise-model", "report", tmp_path / "noise.json", tmp_path / "noisy.npy"),
            *("--signal", tmp_path / "clean.npy", "-o", tmp_path / f"{verdict}.png"),
        )
        assert result.exit_code == 0, result.output
        assert f"Verdict: {verdict}" in result.stdout
        assert (tmp_path / f"{verdict}.png").stat().st_size > 1000
        assert (tmp_path / f"{verdict}.settings.yaml").exists()


@pytest.mark.parametrize(
    ("images", "options", "message"),
    [
        ("shots/0.tif", (), "Repeated shots"),
        ("shots", ("--signal", "wide.npy"), "do not match"),
        ("mixed", (), "differ in size"),
        ("rgb.npy", ("--axes", "YXC"), "colour (RGB)"),
        ("flat.npy", (), "constant"),
        ("shots", ("-o", "noise.npz"), "must end in .json"),
        ("shots", ("--kind", "cauchy"), "kind"),
        ("shots", ("--gaussians", 0), "gaussians"),
        ("missing", (), "no such file"),
    ],
)
def test_bad_input_is_refused(shots, refused, tmp_path, monkeypatch, images, options, message):
    monkeypatch.chdir(tmp_path)
    np.save("wide.npy", np.pad(_SIGNAL, 3))
    np.save("rgb.npy", np.arange(243, dtype=np.uint8).reshape(9, 9, 3))
    np.save("flat.npy", np.ones((4, 64, 64)))
    (tmp_path / "mixed").mkdir()
    np.save("mixed/a.npy", _SIGNAL)
    np.save("mixed/b.npy", _SIGNAL[:50])
    refused(message, tmp_path, "noise-model", "fit", images, "-o", "noise.json", *options)


def test_a_report_on_something_else_is_refused(shots, refused, tmp_path):
    (tmp_path / "noise.json").write_text("{}")
    command = ("noise-model", "report", tmp_path / "noise.json", shots)
    refused("not a noise model", tmp_path, *command)
    refused("must end in .png", tmp_path, *command, "-o", tmp_path / "figure.txt")


def test_a_blank_shot_and_cosmic_rays_do_not_spoil_a_noise_model(shots, run, tmp_path):
    tifffile.imwrite(shots / "closed_shutter.tif", np.full(_SIGNAL.shape, 40, np.uint16))
    hot = _shots(1, seed=5)[0]
    hot[3, 4], hot[50, 60] = 65535, 30000
    tifffile.imwrite(shots / "rays.tif", hot)
    output = tmp_path / "noise.json"
    result = run("noise-model", "fit", shots, "-o", output, "--kind", "poisson-gaussian")
    assert result.exit_code == 0, result.output
    said = " ".join(result.stderr.split())
    assert "1 blank image(s) are left out: closed_shutter.tif" in said
    assert "far out of the noise: 2 of 82944 pixels (30000 to 65535 counts)" in said
    noise = NoiseModel.load(output)
    assert float(noise.variance(150.0)) == pytest.approx(100, rel=0.1)
