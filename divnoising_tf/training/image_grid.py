"""A picture of the posterior in TensorBoard, as training goes on."""

import importlib.util
import os
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from divnoising_tf.errors import InputError


class ImageGrid(keras.callbacks.Callback):
    """Logs input, samples and MMSE of one image side by side for TensorBoard.

    Use it beside `keras.callbacks.TensorBoard(log_dir)`, with the same folder.

    Args:
        log_dir: folder that TensorBoard reads.
        image: one noisy image (y, x), counts.
        every: epochs between two pictures.
        n_samples: samples shown.
        n_averaged: samples behind the MMSE.

    Raises:
        InputError: the image is not (y, x), a number is not positive, or TensorBoard is missing.
    """

    def __init__(
        self,
        log_dir: str | os.PathLike[str],
        image: np.ndarray,
        every: int = 1,
        n_samples: int = 3,
        n_averaged: int = 20,
    ):
        super().__init__()
        if importlib.util.find_spec("tensorboard") is None:
            raise InputError(
                "TensorBoard is not installed.",
                "no module tensorboard",
                "Install it: pip install 'divnoising_tf[tensorboard]'.",
            )
        if np.ndim(image) != 2 or min(every, n_samples, n_averaged - 1) < 1:
            raise InputError(
                "A grid needs one grey image and positive numbers.",
                f"image of shape {np.shape(image)}, every={every}, n_samples={n_samples}, "
                f"n_averaged={n_averaged}",
                "Give an array (y, x); the other arguments may be left out.",
            )
        self._folder = os.fspath(log_dir)
        self._image = np.asarray(image, np.float32)
        self._every = every
        self._n_samples = n_samples
        self._n_averaged = n_averaged
        self._writer: Any = None

    def on_train_begin(self, logs: Any = None) -> None:
        """Open the log."""
        self._writer = tf.summary.create_file_writer(os.path.join(self._folder, "posterior"))

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Draw the grid."""
        if (epoch + 1) % self._every == 0:
            with self._writer.as_default():
                tf.summary.image("input, samples, MMSE", self.grid()[np.newaxis], step=epoch)

    def on_train_end(self, logs: Any = None) -> None:
        """Close the log."""
        self._writer.close()

    def grid(self) -> np.ndarray:
        """Return input, samples and MMSE side by side, (y, x of all, 1), grey in [0, 1]."""
        posterior = self.model.posterior(self._image)
        mean = posterior.moments(self._n_averaged).mean
        row = np.concatenate([self._image, *posterior.sample(self._n_samples), mean], axis=1)
        low, high = np.percentile(self._image, (0.5, 99.5))
        grey: np.ndarray = np.clip((row - low) / max(high - low, 1e-6), 0, 1)
        return grey[..., np.newaxis]
