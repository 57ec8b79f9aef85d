"""The cover fits the zoo's rules whatever the image."""

import numpy as np
import pytest
from skimage.io import imread

from divnoising_tf.zoo.cover import write_cover


@pytest.mark.parametrize("size", [(8, 300), (256, 256), (1024, 900)])
def test_is_small_and_twice_as_wide_as_high(tmp_path, size, rng):
    noise = rng.normal(100, 20, size)
    write_cover(tmp_path / "cover.png", noise, {"mean": noise, "uncertainty": noise})
    assert (tmp_path / "cover.png").stat().st_size < 500_000
    height, width = imread(tmp_path / "cover.png").shape[:2]
    assert width == 2 * height


def test_shows_each_image_in_its_place(tmp_path):
    ramp = np.arange(64.0).reshape(8, 8)
    planes = {"sample 1": ramp, "sample 2": ramp}
    write_cover(tmp_path / "one.png", ramp, planes)
    write_cover(tmp_path / "two.png", ramp[::-1], planes)
    one, two = (imread(tmp_path / name).astype(float) for name in ("one.png", "two.png"))
    changed = np.abs(one - two).sum(axis=(0, 2)) > 0
    third = one.shape[1] // 3
    assert changed[:third].any()
    assert not changed[third:].any()


def test_constant_images_are_drawn(tmp_path):
    flat = np.full((16, 16), 7.0)
    write_cover(tmp_path / "cover.png", flat, {"mean": flat, "uncertainty": 0 * flat})
    assert (tmp_path / "cover.png").stat().st_size > 1000
