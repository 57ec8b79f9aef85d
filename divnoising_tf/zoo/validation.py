"""What a package can tell by itself of how good its model is: a figure, and PSNRs."""

import os

import numpy as np

from divnoising_tf.metrics import psnr
from divnoising_tf.models.base import VariationalDenoiser
from divnoising_tf.plotting import posterior_figure

# beside the samples that are shown; the figure does not need more
_AVERAGED = 64


class Validation:
    """The test image of a package, denoised, and compared with its truth if there is one.

    Args:
        model: that has been trained.
        image: noisy test image (1, y, x, channel), counts.
        truth: the clean image, same shape, counts, or None.
        seed: as given to `sampling_function`.
    """

    def __init__(
        self,
        model: VariationalDenoiser,
        image: np.ndarray,
        truth: np.ndarray | None,
        seed: int | None,
    ):
        posterior = model.posterior(image[0], axes="YXC", seed=seed)
        self._image, self._truth = image[0], None if truth is None else truth[0]
        self._samples = posterior.sample(2)
        self._mean, self._deviation = posterior.moments(_AVERAGED)

    def text(self) -> str:
        """Return the PSNRs as Markdown, or that there was no truth to measure them by."""
        if self._truth is None:
            return "No clean image was given, so no PSNR was measured."
        rows = [
            ("noisy test image", self._image),
            ("one sample", self._samples[0]),
            (f"mean of {_AVERAGED} samples", self._mean),
        ]
        measured = [f"| {name} | {psnr(self._truth, image):.2f} |" for name, image in rows]
        head = ["| test image, against the clean one | PSNR in dB |", "| --- | --- |"]
        return "\n".join([*head, *measured, "", "The peak is the range of the clean image."])

    def write_figure(self, path: str | os.PathLike[str]) -> None:
        """Write input, samples, their difference, mean, uncertainty, truth as a PNG file."""
        first = (..., 0)
        figure = posterior_figure(
            self._image[first],
            self._samples[first],
            self._mean[first],
            self._deviation[first],
            None if self._truth is None else self._truth[first],
        )
        figure.savefig(path, dpi=90, format="png")
