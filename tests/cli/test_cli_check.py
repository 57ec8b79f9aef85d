import numpy as np
import yaml
from PIL import Image

from divnoising_tf import GaussianNoiseModel
from divnoising_tf.data import read_image
from divnoising_tf.evaluation import predictive_check


def _check(files, images, output, *options):
    return ("check", images, "-m", files.model, "-o", output, "--samples", 39, *options)


def test_an_untrained_model_is_not_trusted_and_the_figure_says_why(files, run, tmp_path):
    result = run(*_check(files, files.images / "shot3.tif", tmp_path, "--seed", 5))
    assert result.exit_code == 0, result.output
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"shot3_check.png", "shot3_check.txt", "check.settings.yaml"}
    assert set(result.stdout.split()) == {str(tmp_path / name) for name in names}
    expected = predictive_check(files.network.posterior(files.array[3], seed=5), n=39, seed=5)
    assert not expected.consistent
    text = (tmp_path / "shot3_check.txt").read_text()
    assert text == f"shot3.tif: {expected}\n"
    assert expected.verdict in " ".join(result.stderr.split())
    assert "0 of 1 images look like" in result.stderr
    assert Image.open(tmp_path / "shot3_check.png").width > 1000
    content = yaml.safe_load((tmp_path / "check.settings.yaml").read_text())
    assert content["command"] == "check"
    assert content["settings"]["samples"] == 39


def test_a_folder_with_another_noise_model_in_eight_orientations(files, run, tmp_path):
    # noise so strong that any image is possible: only its strength is off
    GaussianNoiseModel(500.0).save(tmp_path / "strong.json")
    for number in range(2):
        np.save(tmp_path / f"im{number}.npy", files.array[number][:16, :20])
    out = tmp_path / "out"
    options = ("--noise-model", tmp_path / "strong.json", "--augment")
    images = (tmp_path / "im0.npy", tmp_path / "im1.npy")
    result = run("check", *images, "-m", files.model, "-o", out, "--samples", 40, *options)
    assert result.exit_code == 0, result.output
    assert len(list(out.iterdir())) == 5
    for number in range(2):
        assert "weaker than the noise model says" in (out / f"im{number}_check.txt").read_text()


def test_bad_input_is_refused_and_nothing_is_written(files, refused, tmp_path):
    image = files.images / "shot0.tif"
    np.save(tmp_path / "shot0.npy", files.array[0])
    (tmp_path / "shot1_check.txt").write_text("precious")
    out = tmp_path / "out"
    refused("same name", tmp_path, *_check(files, image, out), tmp_path / "shot0.npy")
    refused("39", tmp_path, *_check(files, image, out), "--samples", 38)
    refused("exists already", tmp_path, *_check(files, files.images / "shot1.tif", tmp_path))
    refused("not a model", tmp_path, "check", image, "-m", image, "-o", out)
    refused("not a noise model", tmp_path, *_check(files, image, out), "--noise-model", image)


def test_denoise_in_eight_orientations(files, run, refused, tmp_path):
    image = files.images / "shot2.tif"
    options = ("-m", files.model, "-o", tmp_path / "out", "--average", 8, "--samples", 2)
    result = run("denoise", image, *options, "--augment", "--seed", 4)
    assert result.exit_code == 0, result.output
    posterior = files.network.posterior(files.array[2], seed=4).augmented()
    written = read_image(tmp_path / "out" / "shot2_denoised.tif").array
    np.testing.assert_allclose(written[0], posterior.moments(8).mean, rtol=1e-5)
    np.testing.assert_allclose(written[2:], posterior.sample(2), rtol=1e-5)
    large = ("-m", files.model, "-o", tmp_path / "large.tif", "--augment")
    refused("are not turned", tmp_path, "denoise", image, *large)
