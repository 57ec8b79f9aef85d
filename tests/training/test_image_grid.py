import keras
import numpy as np
import pytest
from helpers.images import noisy_images

from divnoising_tf import DivNoising, GaussianNoiseModel, ImageGrid, InputError


def test_logs_a_picture_every_second_epoch(tmp_path):
    images = noisy_images(8, size=16)
    model = DivNoising(GaussianNoiseModel(15.0), depth=1, latent_channels=2, base_channels=2)
    model.compile(optimizer="adam")
    grid = ImageGrid(tmp_path, images[0], every=2, n_samples=2, n_averaged=3)
    board = keras.callbacks.TensorBoard(tmp_path)
    model.fit(images[..., np.newaxis], epochs=4, verbose=0, callbacks=[grid, board])
    assert grid.grid().shape == (16, 4 * 16, 1)
    (log,) = (tmp_path / "posterior").iterdir()
    assert log.read_bytes().count(b"input, samples, MMSE") == 2


@pytest.mark.parametrize("arguments", [{"image": np.zeros((2, 8, 8))}, {"every": 0}])
def test_refuses(tmp_path, arguments):
    with pytest.raises(InputError, match="grid"):
        ImageGrid(tmp_path, **{"image": np.zeros((8, 8)), **arguments})
