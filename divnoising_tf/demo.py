"""The whole way from noisy images to a zoo package, on an image that scikit-image ships."""

import csv
import dataclasses
import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from divnoising_tf import zoo
from divnoising_tf.data import ImageMetadata, write_image
from divnoising_tf.data.display_range import with_display_ranges
from divnoising_tf.data.result_writing import write_results
from divnoising_tf.errors import InputError
from divnoising_tf.files.atomic import atomic_path, is_of_run
from divnoising_tf.metrics import psnr
from divnoising_tf.models.base import VariationalDenoiser
from divnoising_tf.noise_models import GaussianMixtureNoiseModel
from divnoising_tf.plotting import posterior_figure, save_figure
from divnoising_tf.training.settings import TrainingSettings
from divnoising_tf.training.train import train

_logger = logging.getLogger(__name__)

_SHOTS = 20  # repeats for the calibration
# Small batches of small patches learn most in a few minutes, and averaged weights do what a falling
# learning rate does in a training this short. With annealing more latent channels stay active.
_TRAINING = TrainingSettings(
    patch_size=64,
    batch_size=8,
    steps_per_epoch=50,
    validation_fraction=0.0,
    averaging=0.98,
    annealing_epochs=20,
    plateau=False,
    collapse_patience=8,
)
_SAMPLES = 10  # written
GLAND = (slice(280, 472), slice(200, 392))  # a gland and the tissue around it


@dataclasses.dataclass(frozen=True)
class Camera:
    """A camera with shot noise and Gaussian read noise.

    Attributes:
        offset: counts of a dark pixel.
        gain: counts per electron.
        read_noise: standard deviation, counts.
        electrons: of the brightest pixel, in one exposure.
    """

    offset: float = 100.0
    gain: float = 4.0
    read_noise: float = 8.0
    electrons: float = 12.0

    def signal(self, brightness: np.ndarray) -> np.ndarray:
        """Return the noise-free counts of a brightness in [0, 1]."""
        return (self.offset + self.gain * self.electrons * brightness).astype(np.float32)

    def expose(self, brightness: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return one noisy image, uint16 counts."""
        electrons = rng.poisson(self.electrons * brightness)
        read_noise = rng.normal(0, self.read_noise, brightness.shape)
        counts = self.offset + self.gain * electrons + read_noise
        return np.clip(np.round(counts), 0, 65535).astype(np.uint16)


def run_demo(
    folder: str | os.PathLike[str],
    minutes: float = 4.0,
    overwrite: bool = False,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    seed: int = 0,
) -> dict[str, float]:
    """Calibrate, train, denoise, export; leave everything in a folder.

    Args:
        folder: made for the results: TIFF images, a figure, the noise model, the Keras model,
            the bioimage.io package and a table of PSNRs.
        minutes: of training.
        overwrite: whether the results of an earlier run may be replaced.
        callbacks: more Keras callbacks, such as one that shows the progress.
        seed: of the noise and of the training.

    Returns:
        PSNR in dB (range of the truth) of the noisy image, of one sample and of the MMSE.

    Raises:
        InputError: the folder holds files already, or cannot be written.
    """
    folder = Path(folder)
    _refuse_filled(folder, overwrite)
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    camera = Camera()
    brightness = tissue()
    noisy = camera.expose(brightness, rng)

    _logger.info("Calibrating the noise model from %d exposures of one scene.", _SHOTS)
    shots = np.stack([camera.expose(brightness, rng) for _ in range(_SHOTS)])
    noise_model = GaussianMixtureNoiseModel.fit_repeats(shots)
    _logger.info("%s", noise_model)

    _logger.info("Training for %g minutes on one noisy image.", minutes)
    model = train(
        noisy, noise_model, settings=_TRAINING, minutes=minutes, seed=seed, callbacks=callbacks
    ).model

    _logger.info("Drawing samples of the posterior.")
    posterior = model.posterior(noisy, seed=seed)
    samples = posterior.sample(_SAMPLES)
    mean, deviation = posterior.moments(100)
    truth = camera.signal(brightness)
    results = {
        "noisy input": psnr(truth, noisy),
        "one sample": psnr(truth, samples[0]),
        "MMSE (mean of 100 samples)": psnr(truth, mean),
    }

    _logger.info("Writing images, model and zoo package.")
    for name, image in (("noisy", noisy), ("truth", truth)):
        write_image(folder / f"{name}.tif", image, overwrite=overwrite)
    made = {"mean": mean, "uncertainty": deviation}
    made |= {f"sample {number}": one for number, one in enumerate(samples, 1)}
    known = with_display_ranges(ImageMetadata(), mean, "YX")
    write_results(folder / "denoised.tif", made, "YX", known, overwrite=overwrite)
    crop = GLAND
    figure = posterior_figure(
        noisy[crop], samples[:2, crop[0], crop[1]], mean[crop], deviation[crop], truth[crop]
    )
    save_figure(figure, folder / "figure.png", overwrite)
    noise_model.save(folder / "noise_model.json", overwrite)
    with atomic_path(folder / "model.keras", overwrite) as temporary:
        model.save(temporary)
    _write_table(results, folder / "psnr.csv", overwrite)
    _export(model, noisy, truth, results, minutes, folder / "package.zip", overwrite)
    return results


def tissue() -> np.ndarray:
    """Return the absorbance of a stained tissue section in [0, 1], 512 × 512 pixels."""
    import skimage.color
    import skimage.data

    transmission = skimage.color.rgb2gray(skimage.data.immunohistochemistry())
    absorbance = -np.log(np.clip(transmission, 1 / 255, 1))
    signal: np.ndarray = np.clip(absorbance / np.percentile(absorbance, 99.9), 0, 1)
    return signal


def _export(
    model: VariationalDenoiser,
    noisy: np.ndarray,
    truth: np.ndarray,
    results: dict[str, float],
    minutes: float,
    path: Path,
    overwrite: bool,
) -> None:
    measured = "\n".join(f"- {name}: {value:.2f} dB" for name, value in results.items())
    zoo.export(
        model,
        path,
        test_image=noisy[GLAND],
        truth=truth[GLAND],
        name="DivNoising demo",
        description="Denoises a simulated exposure of a stained tissue section; a demonstration.",
        authors=["The divnoising_tf developers"],
        license="CC0-1.0",
        training=f"One simulated noisy exposure of the immunohistochemistry image that "
        f"scikit-image ships; {minutes:g} minutes of training.",
        validation=f"PSNR against the noise-free image, peak = its range:\n\n{measured}",
        overwrite=overwrite,
    )


def _write_table(results: dict[str, float], path: Path, overwrite: bool) -> None:
    with (
        atomic_path(path, overwrite) as temporary,
        temporary.open("w", newline="", encoding="utf-8") as file,
    ):
        writer = csv.writer(file)
        writer.writerow(["image", "PSNR in dB"])
        writer.writerows([name, f"{value:.2f}"] for name, value in results.items())


def _refuse_filled(folder: Path, overwrite: bool) -> None:
    files = folder.iterdir() if folder.is_dir() else ()
    if not overwrite and not all(map(is_of_run, files)):
        raise InputError(
            "The folder for the demo holds files already.",
            folder,
            "Choose another with --output, or replace them with --overwrite.",
        )


def described(results: dict[str, Any]) -> str:
    """Return the PSNRs as a short table of text."""
    return "\n".join(f"{name:<28} {value:6.2f} dB" for name, value in results.items())
