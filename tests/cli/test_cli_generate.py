import numpy as np
import pytest

from divnoising_tf.data import read_image


def test_images_are_drawn_and_the_settings_give_them_again(files, run, tmp_path):
    options = ("--size", 20, 31, "-n", 3, "--seed", 4)
    result = run("generate", "-m", files.model, "-o", tmp_path / "a.tif", *options)
    assert result.exit_code == 0, result.output
    images, axes, _, metadata = read_image(tmp_path / "a.tif")
    assert axes == "TYX"
    low, high = metadata.display_ranges[0]
    assert images.min() <= low < high <= images.max()
    np.testing.assert_allclose(images, files.network.generate((20, 31), 3, seed=4), rtol=1e-5)
    again = run("generate", "--settings", tmp_path / "a.settings.yaml", "-o", tmp_path / "b.npy")
    assert again.exit_code == 0, again.output
    np.testing.assert_array_equal(read_image(tmp_path / "b.npy").array, images)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("-o", "a.png"), "must end in .tif"),
        (("-o", "a.tif", "--size", 0, 5), "whole number"),
        (("-o", "a.tif", "-n", 0), "number"),
        (("-o", "a.tif", "-m", "missing.keras"), "not a model"),
    ],
)
def test_bad_requests_are_refused(files, refused, tmp_path, monkeypatch, options, message):
    monkeypatch.chdir(tmp_path)
    refused(message, tmp_path, "generate", "-m", files.model, *options)
