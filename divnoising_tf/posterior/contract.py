"""What the posterior, tiles and export need of a model, whatever its family.

A model encodes an image once, into its context: tensors on grids of the image. A sample is decoded
from the context and from standard normal noise, one array for each level of latents. How the
noise becomes latents is the model's own matter: in a hierarchy the distribution of a level depends
on the sample of the level above.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
import tensorflow as tf

from divnoising_tf.noise_models import NoiseModel

Context = tuple[tf.Tensor, ...]
"""What `encode` gives: one tensor (batch, rows, columns, channel) for each of `context_grids`."""

Noises = tuple[tf.Tensor, ...]
"""Standard normal numbers, one tensor (batch, rows, columns, channel) for each of `levels`."""


class Grid(NamedTuple):
    """Places of latents, or of what is known about them, in an image.

    Attributes:
        stride: pixels of the image between two places, along each axis.
        channels: values at a place.
    """

    stride: int
    channels: int


class Reach(NamedTuple):
    """How far the networks see.

    Attributes:
        multiple: sizes of images are padded to multiples of this, the coarsest stride; pixels.
        encode: from the context into the image, pixels, a multiple of `multiple`.
        decode: from the signal into context and noise, pixels, a multiple of `multiple`.
    """

    multiple: int
    encode: int
    decode: int


class BytesPerPixel(NamedTuple):
    """Memory that the stages take at their peak, bytes for each pixel that they work on."""

    encode: float
    decode: float


@dataclasses.dataclass(frozen=True)
class Family:
    """What a package says of all models of a kind.

    Attributes:
        name: one word, as in settings.
        summary: what such a model is, for the README; Markdown.
        papers: of the method; mappings with "text" and "doi" or "url".
        tags: of the BioImage Model Zoo.
    """

    name: str
    summary: str
    papers: tuple[Mapping[str, str], ...]
    tags: tuple[str, ...]


class OnnxNetworks(Protocol):
    """The networks of a model as ONNX nodes; tensors are (batch, channel, y, x)."""

    def encode(self, images: Any) -> tuple[Any, ...]:
        """Return the context of images, normalised and padded to the model's multiple."""
        ...

    def decode(self, context: tuple[Any, ...], noises: tuple[Any, ...]) -> Any:
        """Return the normalised signal."""
        ...


@runtime_checkable
class LatentVariableModel(Protocol):
    """A trained model of p(s|x) with latents on one grid or several.

    Attributes:
        name: of this model.
        channels: of the images.
        noise_model: p(x|s).
        decode_samples: draws noise and decodes, compiled; `SampleDecoder(model)`.
    """

    name: str
    channels: int
    noise_model: NoiseModel
    decode_samples: Any

    def check_trained(self) -> None:
        """Raise an `InputError` if there is nothing to sample yet, or no number in the weights."""
        ...

    @property
    def levels(self) -> tuple[Grid, ...]:
        """Return the grids of the latents, the finest first."""
        ...

    @property
    def context_grids(self) -> tuple[Grid, ...]:
        """Return the grids of the tensors of a context."""
        ...

    @property
    def reach(self) -> Reach:
        """Return how far the networks see."""
        ...

    @property
    def bytes_per_pixel(self) -> BytesPerPixel:
        """Return what memory the networks take."""
        ...

    @property
    def family(self) -> Family:
        """Return what is said of all models of this kind."""
        ...

    @property
    def data_mean(self) -> np.ndarray:
        """Return the mean of the training images, counts, (channels,)."""
        ...

    @property
    def data_standard_deviation(self) -> np.ndarray:
        """Return their standard deviation, counts, (channels,)."""
        ...

    @property
    def bounds(self) -> np.ndarray:
        """Return the lowest and the highest count that the networks are shown, (2, channels)."""
        ...

    @property
    def is_bounded(self) -> bool:
        """Return whether there are such bounds."""
        ...

    def encode(self, images: Any) -> Context:
        """Return the context of images (batch, y, x, channel), counts, of any size."""
        ...

    def decode(self, context: Context, noises: Noises) -> tf.Tensor:
        """Return signals, counts, (batch, y, x, channel), of the padded size.

        Either batch may be of one, which then stands for all.
        """
        ...

    def generate_from(self, noises: Noises) -> tf.Tensor:
        """Return signals of the prior, counts, (batch, y, x, channel), of the padded size."""
        ...

    def divergences(self, outputs: Mapping[str, tf.Tensor]) -> tuple[tf.Tensor, ...]:
        """Return KL(q || p) of every level in nats, (batch, rows, columns, channel).

        Args:
            outputs: what the model returned for a batch in training.
        """
        ...

    def described_network(self) -> str:
        """Return the sizes of the networks in a few words, for the README of a package."""
        ...

    def onnx_networks(self) -> OnnxNetworks:
        """Return the networks as ONNX nodes."""
        ...
