"""Probabilistic Noise2Void (Krull et al., 2020) with any noise model; its posterior mean."""

from experiments.baselines.pn2v_model import ProbabilisticBlindSpotDenoiser
from experiments.baselines.unet_training import architecture, denoised, noisy_patches, train
from experiments.task import Denoised, Task

# the authors have 800; training with 100 takes an eighth of the likelihoods
SAMPLES = 100


def denoise(task: Task, minutes: float, seed: int) -> Denoised:
    """Train on the noisy training images and return the posterior mean of the test images."""
    given = task.noise_model
    # a copy that training leaves alone: other methods use the same noise model
    noise_model = type(given).from_config({**given.get_config(), "trainable": False})
    model = ProbabilisticBlindSpotDenoiser(noise_model, SAMPLES, **architecture(seed))
    training = train(model, noisy_patches(task, model.multiple, seed), minutes, task.most_steps)
    settings = {
        "samples of the prior": SAMPLES,
        "noise model": repr(noise_model),
        "hidden share of pixels": model.hidden_share,
        "radius": model.radius,
    }
    return denoised(model, training, task, **settings)
