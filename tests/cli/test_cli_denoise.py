import re

import keras
import numpy as np
import pytest
import tifffile
import yaml

from divnoising_tf.data import read_image
from divnoising_tf.models import precision
from divnoising_tf.models.precision import with_precision


def _denoise(files, images, output, *options):
    return ("denoise", images, "-m", files.model, "-o", output, "--average", 3, *options)


def _mean(path):
    """Return the channel "mean" of a file of results."""
    image = read_image(path)
    assert image.metadata.channel_names[:2] == ("mean", "uncertainty")
    return image.array[0]


def test_a_folder_is_denoised_into_channels_with_names(files, run, tmp_path):
    options = ("--samples", 2, "--mode", "--seed", 5)
    result = run(*_denoise(files, files.images, tmp_path / "out", *options))
    assert result.exit_code == 0, result.output
    out = tmp_path / "out"
    assert len(list(out.iterdir())) == 11
    assert str(out / "shot3_denoised.tif") in result.stdout.splitlines()
    posterior = files.network.posterior(files.array[3], seed=5)
    expected = [*posterior.moments(3), *posterior.sample(2), posterior.mode(3)]
    image = read_image(out / "shot3_denoised.tif")
    np.testing.assert_allclose(image.array, expected, rtol=1e-5)
    assert image.axes == "CYX"
    assert image.array.dtype == np.float32
    names = ("mean", "uncertainty", "sample 1", "sample 2", "mode")
    assert image.metadata.channel_names == names
    content = yaml.safe_load((out / "denoise.settings.yaml").read_text())
    assert content["settings"]["average"] == 3


@pytest.mark.parametrize("suffix", ["tif", "npy"])
def test_results_are_files_of_their_own_if_wanted(files, run, tmp_path, suffix):
    options = ("--separate",) if suffix == "tif" else ("--format", "npy")
    image = files.images / "shot2.tif"
    given = ("--samples", 1, "--mode", "--seed", 4, *options)
    result = run(*_denoise(files, image, tmp_path, *given))
    assert result.exit_code == 0, result.output
    written = {path.name for path in tmp_path.iterdir()}
    names = ("mean", "uncertainty", "samples", "mode")
    assert written == {f"shot2_{one}.{suffix}" for one in names} | {"denoise.settings.yaml"}
    posterior = files.network.posterior(files.array[2], seed=4)
    results = (*posterior.moments(3), posterior.sample(1), posterior.mode(3))
    for name, expected in zip(names, results, strict=True):
        found = read_image(tmp_path / f"shot2_{name}.{suffix}").array
        # a TIFF does not tell one sample from an image
        expected = expected[0] if suffix == "tif" and name == "samples" else expected
        np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_samples_of_a_movie_of_stacks_leave_its_axes(files, run, tmp_path):
    pixels = files.array[:4].reshape(2, 2, *files.array.shape[1:])
    tifffile.imwrite(tmp_path / "a.tif", pixels, imagej=True, metadata={"axes": "TZYX"})
    for number, options in enumerate(((), ("--separate",))):
        out = tmp_path / str(number)
        result = run(*_denoise(files, tmp_path / "a.tif", out, "--samples", 2, *options))
        assert result.exit_code == 0, result.output
        name, first = ("a_samples.tif", 0) if options else ("a_denoised.tif", 2)
        image = read_image(out / name)
        assert image.axes == "TZCYX"
        expected = files.network.posterior(pixels, axes="TZYX").sample(2)
        found = np.moveaxis(image.array, 2, 0)[first:]
        np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_an_image_without_a_place_in_a_hyperstack_is_refused_before_any_work(
    files, refused, tmp_path
):
    np.save(tmp_path / "a.npy", files.array[:8].reshape(2, 2, 2, *files.array.shape[1:]))
    command = _denoise(files, tmp_path / "a.npy", tmp_path / "out", "--axes", "STZYX")
    refused("no place", tmp_path, *command)


def test_precision_is_reported_and_can_be_chosen(files, run, tmp_path):
    image = files.images / "shot1.tif"
    trained = run(*_denoise(files, image, tmp_path / "a"))
    chosen = run(*_denoise(files, image, tmp_path / "b", "--precision", "mixed_bfloat16"))
    assert "Computing in float32." in trained.stderr
    assert "Computing in bfloat16" in chosen.stderr
    first, second = (_mean(tmp_path / one / "shot1_denoised.tif") for one in "ab")
    assert np.any(first != second)
    np.testing.assert_allclose(second, first, atol=0.05 * np.ptp(first))


@pytest.mark.parametrize(("fast", "words"), [(True, "in bfloat16"), (False, "in float32.")])
def test_bfloat16_is_kept_where_it_is_fast(files, run, tmp_path, monkeypatch, fast, words):
    monkeypatch.setattr(precision, "_has_bfloat16", lambda: fast)
    with_precision(files.network, "mixed_bfloat16").save(tmp_path / "bfloat16.keras")
    image = files.images / "shot1.tif"
    result = run(
        "denoise", image, "-m", tmp_path / "bfloat16.keras", "-o", tmp_path, "--average", 2
    )
    assert f"Computing {words}" in result.stderr


def test_settings_are_accepted_back(files, run, tmp_path):
    run(*_denoise(files, files.images / "shot1.tif", tmp_path / "a", "--seed", 7))
    again = run(
        "denoise", "--settings", tmp_path / "a" / "denoise.settings.yaml", "-o", tmp_path / "b"
    )
    assert again.exit_code == 0, again.output
    first, second = (_mean(tmp_path / one / "shot1_denoised.tif") for one in "ab")
    np.testing.assert_array_equal(first, second)


def test_tiles_leave_the_result_and_a_tolerance_shortens_the_work(files, run, tmp_path):
    image = files.images / "shot1.tif"
    run(*_denoise(files, image, tmp_path / "whole", "--average", 40))
    tiled = run(
        *_denoise(files, image, tmp_path / "tiled", "--average", 5000, "--tile-size", 8),
        *("--tolerance", 1.0, "--seed", 0),
    )
    assert tiled.exit_code == 0, tiled.output
    deviation = read_image(tmp_path / "whole" / "shot1_denoised.tif").array[1]
    needed = np.mean(deviation.astype(np.float64) ** 2) / 1.0**2
    averaged = int(re.search(r"(\d+) clean images were averaged", tiled.stderr).group(1))
    assert averaged == pytest.approx(max(needed, 8), rel=0.2)
    moments = files.network.posterior(files.array[1]).moments(averaged)
    mean = _mean(tmp_path / "tiled" / "shot1_denoised.tif")
    np.testing.assert_allclose(mean, moments.mean, atol=1e-3)


def test_antithetic_pairs_are_averaged(files, run, tmp_path):
    image = files.images / "shot1.tif"
    result = run(*_denoise(files, image, tmp_path, "--average", 6, "--antithetic"))
    assert result.exit_code == 0, result.output
    expected = files.network.posterior(files.array[1]).moments(6, antithetic=True)
    mean = _mean(tmp_path / "shot1_denoised.tif")
    np.testing.assert_allclose(mean, expected.mean, rtol=1e-5)


def test_stacks_come_back_as_stacks_in_every_format(files, run, tmp_path):
    stack = files.array[:2]
    tifffile.imwrite(tmp_path / "a.ome.tif", stack, ome=True, metadata={"axes": "TYX"})
    for suffix, axes in (("ome.tif", "TYX"), ("npy", "SYX")):
        folder = tmp_path / f"as {suffix[-3:]}"
        options = ("--format", suffix, "--separate")
        result = run(*_denoise(files, tmp_path / "a.ome.tif", folder, *options))
        assert result.exit_code == 0, result.output
        image = read_image(folder / f"a_mean.{suffix}")
        assert image.array.shape == stack.shape
        assert image.axes == axes


def test_integers_are_clipped_with_a_warning_and_never_wrap(files, run, tmp_path):
    # four times the range of 8 bits, from the noise model's own counts
    model = keras.saving.load_model(files.model)
    model.normalisation.set(1000.0, 40.0)
    model.noise_model.signal_range = None
    model.save(tmp_path / "bright.keras")
    image, out = files.images / "shot0.tif", tmp_path / "out"
    options = ("--average", 2, "--pixels", "uint8", "-m", tmp_path / "bright.keras")
    result = run(*_denoise(files, image, out, *options))
    assert result.exit_code == 0, result.output
    assert "1024 of 1024 values are out of the range of uint8" in result.stderr
    mean = read_image(out / "shot0_mean.tif").array
    assert mean.dtype == np.uint8
    assert (mean == 255).all()
    assert read_image(out / "shot0_uncertainty.tif").array.dtype == np.float32


def test_nothing_is_replaced_unless_told(files, run, refused, tmp_path):
    image = files.images / "shot0.tif"
    (tmp_path / "shot0_denoised.tif").write_text("precious")
    refused("exists already", tmp_path, *_denoise(files, image, tmp_path))
    assert run(*_denoise(files, image, tmp_path, "--overwrite")).exit_code == 0
    assert _mean(tmp_path / "shot0_denoised.tif").shape == (32, 32)


def _bad_images(folder):
    good = np.full((32, 32), 100.0) + np.random.default_rng(0).normal(0, 15, (32, 32))
    np.save(folder / "nan.npy", np.where(good > 130, np.nan, good))
    np.save(folder / "scaled.npy", good / 4096)
    np.save(folder / "channels.npy", np.stack([good, good]))
    np.save(folder / "many.npy", good[None, None])
    tifffile.imwrite(folder / "rgb.tif", np.zeros((32, 32, 3), np.uint8), photometric="rgb")
    tifffile.imwrite(folder / "whole.tif", good.astype(np.uint16))
    (folder / "cut.tif").write_bytes((folder / "whole.tif").read_bytes()[:900])
    (folder / "empty").mkdir()


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("nan.npy", (), "NaN"),
        ("scaled.npy", (), "units"),
        ("channels.npy", ("--axes", "CYX"), "must have 1 channel"),
        ("many.npy", (), "cannot be guessed"),
        ("rgb.tif", (), "colour (RGB)"),
        ("cut.tif", (), "cannot be read"),
        ("empty", (), "no images in this folder"),
        ("missing.tif", (), "no such file"),
        ("whole.tif", ("--model", "whole.tif"), "not a model of divnoising"),
        ("whole.tif", ("--model", "missing.keras"), "not a model of divnoising"),
        ("whole.tif", ("--average", 1), "average"),
        ("whole.tif", ("--tolerance", 0), "positive number"),
        ("whole.tif", ("--average", 5, "--antithetic"), "come in pairs"),
        ("whole.tif", ("--tile-size", 0), "tile-size"),
        ("whole.tif", ("--pixels", "int3"), "pixels"),
    ],
)
def test_bad_input_is_refused_and_nothing_is_written(
    files, refused, tmp_path, monkeypatch, name, options, message
):
    _bad_images(tmp_path)
    monkeypatch.chdir(tmp_path)
    refused(message, tmp_path, *_denoise(files, tmp_path / name, tmp_path / "out", *options))


def test_a_bad_image_among_good_ones_is_found_before_any_work(files, refused, tmp_path):
    _bad_images(tmp_path)
    images = (files.images / "shot0.tif", tmp_path / "nan.npy")
    options = ("denoise", *images, "-m", files.model, "-o", tmp_path / "out")
    refused("nan.npy", tmp_path, *options)


def test_results_of_the_same_name_are_refused(files, refused, tmp_path):
    np.save(tmp_path / "shot0.npy", files.array[0])
    images = (files.images / "shot0.tif", tmp_path / "shot0.npy")
    refused("same name", tmp_path, "denoise", *images, "-m", files.model, "-o", tmp_path / "out")


def test_a_model_of_something_else_is_refused(files, refused, tmp_path):
    other = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1)])
    other.save(tmp_path / "other.keras")
    image = files.images / "shot0.tif"
    options = ("--model", tmp_path / "other.keras")
    refused("class Sequential", tmp_path, *_denoise(files, image, tmp_path / "out", *options))
