"""The blind-spot denoiser as a Keras model: a small U-Net that learns from noisy images alone."""

from typing import Any

import keras
import tensorflow as tf

from divnoising_tf.blind_spot.masking import mask_pixels
from divnoising_tf.blind_spot.unet import UNetDenoiser
from divnoising_tf.errors import InputError
from divnoising_tf.models.checks import check_architecture


@keras.saving.register_keras_serializable("divnoising_tf")
class BlindSpotDenoiser(UNetDenoiser):
    """Predicts each pixel from its surroundings, which know its signal but not its noise.

    Krull, Buchholz, Jug: Noise2Void – Learning Denoising from Single Noisy Images, CVPR 2019. In
    training some pixels of the input are replaced by the value of a random neighbour, and the
    loss is the squared error of the prediction at these pixels alone. The noise must be
    independent from pixel to pixel. The network is a small U-Net; input and output are in
    counts, normalised inside by the training data's mean and standard deviation, which belong
    to the model.

    Args:
        depth: levels of the U-Net below the first, each of half the resolution.
        base_channels: channels of the first level; they double from level to level.
        hidden_share: share of the pixels hidden in training, above 0 and below 1.
        radius: pixels; how far away the value of a hidden pixel may be taken from.
        seed: of the initial weights and of the hidden pixels.

    Raises:
        InputError: an argument has no meaning.

    Example:
        >>> import numpy as np
        >>> images = np.random.default_rng(0).poisson(50, (4, 32, 32))
        >>> denoiser = BlindSpotDenoiser(depth=1, base_channels=4)
        >>> denoiser.adapt(images)
        >>> denoiser.denoise(images).shape
        (4, 32, 32)
    """

    def __init__(
        self,
        depth: int = 2,
        base_channels: int = 16,
        hidden_share: float = 0.1,
        radius: int = 2,
        seed: int = 0,
        **kwargs: Any,
    ):
        super().__init__(depth, base_channels, seed, **kwargs)
        check_architecture(radius=radius)
        if not 0 < hidden_share < 1:
            raise InputError(
                "hidden_share must be a share of the pixels.", hidden_share, "Try 0.1."
            )
        self.hidden_share = float(hidden_share)
        self.radius = radius

    def call(self, images: Any, training: bool = False) -> Any:
        """Denoise images; in training, predict hidden pixels.

        Args:
            images: (batch, y, x, 1), counts; y and x multiples of 2^depth.
            training: whether to hide pixels.

        Returns:
            The signal in counts, of the shape of `images`; in training a mapping of two such
            tensors: "prediction", normalised, and "hidden", 1 at hidden pixels and 0 elsewhere.
        """
        normalised = self._shown(images)
        if not training:
            return self.normalisation.invert(self._network(normalised))
        seed = tf.cast(self._seed_generator.next(), tf.int32)
        seen, hidden = mask_pixels(normalised, self.hidden_share, self.radius, seed)
        return {"prediction": self._network(seen), "hidden": hidden}

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> tf.Tensor:
        """Return the mean squared error at the hidden pixels, in normalised intensities.

        Hot pixels and cosmic rays do not count.
        """
        if not training:
            # Keras validates with all pixels seen; the error against seen noise says nothing
            y_pred = self(x, training=True)
        believed = self.normalisation.bounded(x)
        squares = tf.square(y_pred["prediction"] - self.normalisation.apply(believed))
        hidden = tf.where(believed == tf.cast(x, tf.float32), y_pred["hidden"], 0.0)
        return tf.math.divide_no_nan(tf.reduce_sum(hidden * squares), tf.reduce_sum(hidden))

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments; the data's statistics travel as weights."""
        return {
            **super().get_config(),
            "hidden_share": self.hidden_share,
            "radius": self.radius,
        }
