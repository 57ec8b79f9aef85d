"""The folder of real images as experiments use it: split, and noise added with a fixed seed.

Noise is drawn once for all runs, whatever the seed of a training, and not clipped.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

import divnoising_tf as dn
from experiments import beetle
from experiments.common import data_folder

MDCK_TRAINING, MDCK_TEST = range(7), range(7, 10)
_DSB2018_TRAINING = 267  # images
_MNIST_TEST = 1000  # digits, of 10,000
_BOOK_PAGE = 512  # pixels


class ImageSet(NamedTuple):
    """Noisy images to train on; noisy and clean ones to test with, (n, y, x), counts.

    Without a truth in the images' units `clean` is None.
    """

    training: np.ndarray
    noisy: np.ndarray
    clean: np.ndarray | None
    noise_model: dn.NoiseModel


def read_set(name: str, sigma: float | None = None) -> ImageSet:
    """Return a set by name.

    Args:
        name: of `SETS`.
        sigma: of the added noise, counts; None for that of the protocol.
    """
    if name not in SETS:
        raise SystemExit(f"There is no image set {name!r}: use one of {sorted(SETS)}.")
    reader, standard = SETS[name]
    return reader(standard if sigma is None else float(sigma))


def with_noise(images: np.ndarray, sigma: float, seed: int = 0) -> np.ndarray:
    """Return float32 images with Gaussian noise; the same for the same seed."""
    noise = np.random.default_rng(seed).standard_normal(images.shape, np.float32)
    return images.astype(np.float32) + np.float32(sigma) * noise


def read_mdck() -> tuple[np.ndarray, np.ndarray]:
    """Return clean membranes (10, y, x), 400..2400 of the camera as 0..255, and their masks."""
    with np.load(data_folder() / "mdck_zo1" / "mdck_zo1_wt.npz") as file:
        images, membranes = file["images"], file["membrane"]
    clean = (np.clip(images, 400, 2400) - 400.0) / 2000 * 255
    return clean.astype(np.float32), membranes


def _mdck(sigma: float) -> ImageSet:
    clean, _ = read_mdck()
    noisy = with_noise(clean, sigma)
    return ImageSet(
        noisy[list(MDCK_TRAINING)],
        noisy[list(MDCK_TEST)],
        clean[list(MDCK_TEST)],
        dn.GaussianNoiseModel(sigma),
    )


def _dsb2018(sigma: float) -> ImageSet:
    with np.load(data_folder() / "dsb2018_fluo" / "dsb2018_256x256.npz") as file:
        clean = file["images"]
    noisy, n = with_noise(clean, sigma), _DSB2018_TRAINING
    return ImageSet(noisy[:n], noisy[n:], clean[n:], dn.GaussianNoiseModel(sigma))


def _mnist(sigma: float) -> ImageSet:
    with np.load(data_folder() / "mnist" / "mnist.npz") as file:
        training, clean = file["x_train"], file["x_test"][:_MNIST_TEST]
    noisy = with_noise(training, sigma), with_noise(clean, sigma, seed=1)
    return ImageSet(*noisy, clean, dn.GaussianNoiseModel(sigma))


def _ebook(sigma: float) -> ImageSet:
    training, validation = beetle.book(data_folder() / "the_beetle" / "the_beetle.txt")
    pages = [beetle.pages(training, _BOOK_PAGE), beetle.pages(validation, _BOOK_PAGE)]
    clean = [np.stack([page.image for page in some]) for some in pages]
    noisy = [with_noise(images, sigma, seed) for seed, images in enumerate(clean)]
    return ImageSet(*noisy, clean[1], dn.GaussianNoiseModel(sigma))


def _w2s(channel: int) -> Callable[[float], ImageSet]:
    def read(_sigma: float) -> ImageSet:
        from divnoising_tf.zoo_build.w2s import read_w2s

        # electrons: the units in which all images share one noise model
        images = read_w2s(data_folder() / f"w2s_ch{channel}_8bit", "electrons")
        noise_model = dn.GaussianMixtureNoiseModel.fit(images.calibration, images.noisy[:20])
        return ImageSet(images.noisy[:80], images.noisy[80:], None, noise_model)

    return read


# what reads each set, and σ of the noise that it adds, counts
SETS: dict[str, tuple[Callable[[float], ImageSet], float]] = {
    "mdck": (_mdck, 70.0),
    "dsb2018": (_dsb2018, 20.0),
    "mnist": (_mnist, 140.0),
    "ebook": (_ebook, beetle.NOISE),
    "w2s_ch0": (_w2s(0), 0.0),
    "w2s_ch2": (_w2s(2), 0.0),
}
