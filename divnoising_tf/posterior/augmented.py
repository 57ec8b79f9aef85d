"""Test-time augmentation: the posterior of an image in all of its eight orientations."""

from typing import Any

from divnoising_tf.posterior.contract import LatentVariableModel
from divnoising_tf.posterior.orientations import OrientedPlanes
from divnoising_tf.posterior.posterior import Posterior


class AugmentedPosterior(Posterior):
    """The posterior averaged over the eight rotations and flips of the image.

    Made by `Posterior.augmented`. Each sample is drawn from the image turned or flipped, and
    turned back: sample k from orientation k modulo 8, so every eighth is one of the plain
    posterior. All else is as in `Posterior`: samples, moments, mode, clusters. A microscope has
    no up and down, but a trained network has; where it answers differently for a turned image,
    the mean of eight answers is the better one, and the uncertainty holds their disagreement
    too. Sampling takes no longer; encoding takes eight times as long, and the eight encodings
    share the memory that one has otherwise.

    Take a number of samples that is a multiple of 8, so that all orientations count alike.

    Args:
        model: that has been trained.
        image: noisy image, counts, of any size, square or not.
        axes: see `Posterior`, as for the arguments that follow.
        seed: of the samples; every orientation has its own from it.
        tile_size: pixels.

    Raises:
        InputError: see `Posterior`.

    Example:
        >>> from divnoising_tf import DivNoising, GaussianNoiseModel
        >>> model = DivNoising(GaussianNoiseModel(5.0), data_mean=100, data_standard_deviation=20)
        >>> posterior = model.posterior([[100] * 14] * 9).augmented()
        >>> posterior.moments(16).mean.shape
        (9, 14)
    """

    def __init__(
        self,
        model: LatentVariableModel,
        image: Any,
        axes: str | None = None,
        seed: int | None = 0,
        tile_size: int | None = None,
    ):
        super().__init__(model, image, axes, seed, tile_size)
        self._tiled = OrientedPlanes(model, self._planes.array, self._seeds, tile_size)

    def augmented(self) -> Posterior:
        """Return this posterior: it is augmented already."""
        return self

    def __repr__(self) -> str:
        return f"Augmented{super().__repr__()}"
