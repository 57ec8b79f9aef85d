"""Supervised denoising, as CARE (Weigert et al., Nature Methods 2018): noisy and clean pairs."""

from typing import Any

import keras
import tensorflow as tf

from divnoising_tf.blind_spot.unet import UNetDenoiser
from experiments.baselines.unet_training import architecture, denoised, paired_patches, train
from experiments.task import Denoised, Task


@keras.saving.register_keras_serializable("experiments")
class SupervisedDenoiser(UNetDenoiser):
    """Learns the signal from clean images; arguments are those of `UNetDenoiser`."""

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> tf.Tensor:
        """Return the mean squared error, in normalised intensities."""
        difference = self.normalisation.apply(y_pred) - self.normalisation.apply(y)
        return tf.reduce_mean(tf.square(difference))


def denoise(task: Task, minutes: float, seed: int) -> Denoised:
    """Train on pairs and denoise the test images."""
    model = SupervisedDenoiser(**architecture(seed))
    pairs = paired_patches(task, model.multiple, seed)
    training = train(model, pairs, minutes, task.most_steps)
    return denoised(model, training, task, loss="mean squared error")
