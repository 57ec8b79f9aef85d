"""Draws docs/images/predictive_check.png and calibration.png: what right and wrong look like.

    python -m experiments.evaluation_picture

No model is trained. The images are random ones whose posterior is known in closed form, and pixels
that are Gaussian each by itself; both are then spoiled on purpose.
"""

from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter

from divnoising_tf import GaussianNoiseModel
from divnoising_tf.evaluation import calibration, predictive_check
from divnoising_tf.plotting import save_figure
from experiments.gaussian_images import GaussianImages

PICTURES = Path(__file__).parents[1] / "docs" / "images"
SAMPLES = 100


def main() -> None:
    """Check and calibrate right and wrong posteriors, write a figure of each kind."""
    rng = np.random.default_rng(0)
    images = GaussianImages(size=128)
    truth = images.signal(rng)
    observation = images.observation(truth, rng)
    samples = images.samples(observation, SAMPLES, rng)
    blurred = np.stack([gaussian_filter(one, 2, mode="wrap") for one in samples])
    wrong = 1.3 * images.noise
    cases = {
        "right": (samples, images.noise),
        "noise 30 % too strong": (images.samples(observation, SAMPLES, rng, wrong), wrong),
        "samples blurred by 2 pixels": (blurred, images.noise),
    }
    for name, (drawn, noise) in cases.items():
        check = predictive_check(drawn, observation, GaussianNoiseModel(noise))
        print(f"{name}\n{check}\n")
    save_figure(check.figure(), PICTURES / "predictive_check.png", overwrite=True)
    # pixels of unequal uncertainty, each Gaussian by itself
    deviation = np.linspace(2, 12, 128) * np.ones((128, 128))
    truth = deviation * rng.normal(size=deviation.shape)
    samples = deviation * rng.normal(size=(SAMPLES, *deviation.shape))
    for name, factor in {"right": 1.0, "half the spread": 0.5}.items():
        found = calibration(factor * samples, truth)
        print(f"{name}\n{found}\n")
    save_figure(found.figure(), PICTURES / "calibration.png", overwrite=True)


if __name__ == "__main__":
    main()
