from types import SimpleNamespace

import numpy as np
import pytest
import tifffile
from helpers.images import noisy_images

from divnoising_tf import DivNoising, GaussianNoiseModel
from divnoising_tf.progress import show_progress

OPTIONS = {"average": 4, "samples": 2, "seed": 3, "tile_size": 64}


@pytest.fixture(autouse=True)
def _quiet():
    show_progress(False)
    yield
    show_progress(True)


def small_model(channels=1, seed=0):
    """Return a model whose samples differ, and differ from the input, everywhere."""
    model = DivNoising(
        GaussianNoiseModel(15.0, signal_range=(30.0, 250.0)),
        depth=2,
        latent_channels=6,
        base_channels=8,
        channels=channels,
        data_mean=[100.0] * channels,
        data_standard_deviation=[40.0] * channels,
    )
    rng = np.random.default_rng(seed)
    for variable in (*model.encoder.weights, *model.decoder.weights):
        scale = 0.1 if "bias" in variable.path else np.sqrt(1 / np.prod(variable.shape[:3]))
        variable.assign(rng.normal(0, scale, variable.shape))
    return model


def result_of(path):
    """Return the pixels of an OME-Zarr."""
    import zarr

    return zarr.open_group(path, mode="r")["0"][:]


class StopError(Exception):
    pass


def stop_after(monkeypatch, tiles, error):
    """Let an error strike in the middle of a tile, when some have been done."""
    from divnoising_tf.large.tile_work import TileWork

    original, calls = TileWork._write, []

    def write(self, plane, tile, number, pixels):
        calls.append(number)
        if len(calls) > 4 * tiles + 2:
            raise error
        original(self, plane, tile, number, pixels)

    monkeypatch.setattr(TileWork, "_write", write)


@pytest.fixture(scope="session")
def model():
    return small_model()


@pytest.fixture(scope="session")
def scene(tmp_path_factory, model):
    """A noisy image (y, x) in a TIFF, and what its posterior in memory gives for it."""
    folder = tmp_path_factory.mktemp("scene")
    pixels = np.tile(noisy_images(1, 64)[0], (3, 4))[:171, :214].clip(0).astype(np.uint16)
    pixels += np.random.default_rng(0).integers(0, 20, pixels.shape).astype(np.uint16)
    tifffile.imwrite(folder / "scene.tif", pixels)
    model.save(folder / "model.keras")
    posterior = model.posterior(pixels, seed=3)
    mean, deviation = posterior.moments(4)
    return SimpleNamespace(
        path=folder / "scene.tif",
        model=folder / "model.keras",
        pixels=pixels,
        results=np.stack([mean, deviation, *posterior.sample(2)]),
    )


@pytest.fixture
def assert_close():
    """Assert that results are equal to 1e-4 of the standard deviation of the signal."""

    def check(result, expected):
        result = np.asarray(result)
        assert result.shape == expected.shape
        assert np.abs(result - expected).max() <= 1e-4 * expected.std()

    return check
