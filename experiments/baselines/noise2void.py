"""Noise2Void (Krull et al., CVPR 2019): the library's own blind-spot denoiser."""

from divnoising_tf.blind_spot import BlindSpotDenoiser
from experiments.baselines.unet_training import architecture, denoised, noisy_patches, train
from experiments.task import Denoised, Task


def denoise(task: Task, minutes: float, seed: int) -> Denoised:
    """Train on the noisy training images and denoise the test images."""
    model = BlindSpotDenoiser(**architecture(seed))
    training = train(model, noisy_patches(task, model.multiple, seed), minutes, task.most_steps)
    settings = {"hidden share of pixels": model.hidden_share, "radius": model.radius}
    return denoised(model, training, task, **settings)
