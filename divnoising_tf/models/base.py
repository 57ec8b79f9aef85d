"""What all families of models share: the data's statistics, training, posterior, saving."""

import abc
from collections.abc import Iterable, Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from divnoising_tf.errors import InputError
from divnoising_tf.models.checks import (
    check_architecture,
    check_beta,
    check_noise_model,
    check_statistics,
)
from divnoising_tf.models.configuration import deserialised
from divnoising_tf.models.evidence import evidence_terms
from divnoising_tf.models.latent_metrics import ActiveLatentChannels
from divnoising_tf.models.normalisation import Normalisation
from divnoising_tf.models.padding import crop_to, pad_to_multiple
from divnoising_tf.models.replicas import also_for_empty_batches, seed_of_replica, share_of_loss
from divnoising_tf.models.saved_weights import SealedModel, check_finite
from divnoising_tf.noise_models import NoiseModel
from divnoising_tf.noise_models.outliers import (
    bounds_of,
    noise_bounds,
    outliers,
    warn_of_denoising,
    warn_of_training,
)
from divnoising_tf.posterior import Posterior, generate_images
from divnoising_tf.posterior.contract import (
    BytesPerPixel,
    Context,
    Family,
    Grid,
    Noises,
    OnnxNetworks,
    Reach,
)
from divnoising_tf.posterior.sample_decoder import SampleDecoder


class VariationalDenoiser(SealedModel):
    """A variational autoencoder of clean images whose likelihood is the camera's noise.

    The half of `LatentVariableModel` that does not depend on the networks. A family adds the
    networks: it calls this constructor, makes its layers, and then `finish`. Input and output are
    in counts; the networks see intensities normalised by the training data's mean and standard
    deviation, which belong to the model, and hot pixels and cosmic rays, counts that signal and
    noise do not explain, only as bright as what they do.

    Args:
        noise_model: p(x|s) of the camera, in counts. It is learned too if it is `trainable`.
        channels: of the images.
        beta: weight of the KL divergence; 1 is the evidence lower bound.
        data_mean: of the images, counts, one number or one per channel; `fit` measures it where
            it is not given.
        data_standard_deviation: of the images, counts, likewise.

    Raises:
        InputError: an argument has no meaning.
    """

    def __init__(
        self,
        noise_model: NoiseModel,
        channels: int = 1,
        beta: float = 1.0,
        data_mean: float | Iterable[float] | None = None,
        data_standard_deviation: float | Iterable[float] | None = None,
        **kwargs: Any,
    ):
        # counts must not be rounded to bfloat16 on their way in
        kwargs["autocast"] = False
        super().__init__(**kwargs)
        # XLA halves the speed on a CPU: compile(jit_compile="auto") then leaves it off
        self.supports_jit = bool(tf.config.list_physical_devices("GPU"))
        check_noise_model(noise_model)
        check_architecture(channels=channels)
        check_beta(beta)
        self.noise_model = noise_model
        self.channels = channels
        self.beta = float(beta)
        self.normalisation = Normalisation(channels)
        if data_mean is not None or data_standard_deviation is not None:
            check_statistics(data_mean, data_standard_deviation)
            self.normalisation.set(data_mean, data_standard_deviation)
        self.kl_weight = self.add_weight(
            name="kl_weight", shape=(), initializer="ones", trainable=False, autocast=False
        )
        self._reconstruction = keras.metrics.Mean(name="reconstruction")
        self._kl = keras.metrics.Mean(name="kl")
        self._weight = keras.metrics.Mean(name="beta_weight")

    def finish(self) -> None:
        """Create all weights, when the layers of the family are there."""
        # after the layers: their initial weights are those of the same seed as ever
        self._seed_generator = keras.random.SeedGenerator()
        channels = sum(grid.channels for grid in self.levels)
        self._active = ActiveLatentChannels(channels, name="active_channels")
        if len(self.levels) > 1:
            self._kl_of_levels = [
                keras.metrics.Mean(name=f"kl_stride_{grid.stride}") for grid in self.levels
            ]
            self._active_of_levels = [
                ActiveLatentChannels(grid.channels, name=f"active_channels_stride_{grid.stride}")
                for grid in self.levels
            ]
        self.build((None, None, None, self.channels))
        self.decode_samples = SampleDecoder(self)

    @property
    @abc.abstractmethod
    def levels(self) -> tuple[Grid, ...]:
        """Grids of the latents, the finest first."""

    @property
    def context_grids(self) -> tuple[Grid, ...]:
        """Grids of the tensors that `encode` returns."""
        return self.levels

    @property
    @abc.abstractmethod
    def reach(self) -> Reach:
        """How far the networks see, pixels."""

    @property
    @abc.abstractmethod
    def bytes_per_pixel(self) -> BytesPerPixel:
        """Memory that the networks take."""

    @property
    @abc.abstractmethod
    def family(self) -> Family:
        """What a package says of all models of this kind."""

    @property
    @abc.abstractmethod
    def networks(self) -> tuple[keras.layers.Layer, ...]:
        """All layers with weights that are learned, but for the noise model."""

    @abc.abstractmethod
    def encode_normalised(self, images: tf.Tensor) -> Context:
        """Return the context of normalised images whose sizes are multiples of the model's."""

    @abc.abstractmethod
    def decode_normalised(self, context: Context, noises: Noises) -> tf.Tensor:
        """Return normalised signals of a context and standard normal noise."""

    @abc.abstractmethod
    def generate_normalised(self, noises: Noises) -> tf.Tensor:
        """Return normalised signals of the prior from standard normal noise."""

    @abc.abstractmethod
    def draw(self, images: tf.Tensor, seed: tf.Tensor) -> dict[str, tf.Tensor]:
        """Return one sample of each normalised image and what its divergences are made of.

        Args:
            images: (batch, y, x, channel), normalised; sizes are multiples of the model's.
            seed: two integers.

        Returns:
            "signal": normalised, and any others.
        """

    @abc.abstractmethod
    def divergences(self, outputs: Mapping[str, tf.Tensor]) -> tuple[tf.Tensor, ...]:
        """Return KL(q || p) of every level in nats, (batch, rows, columns, channel).

        Args:
            outputs: what `call` returned.
        """

    @abc.abstractmethod
    def described_network(self) -> str:
        """Return the sizes of the networks in a few words."""

    @abc.abstractmethod
    def onnx_networks(self) -> OnnxNetworks:
        """Return the networks as ONNX nodes."""

    @property
    def multiple(self) -> int:
        """Image sizes are padded to a multiple of this, pixels."""
        return self.reach.multiple

    @property
    def adapted(self) -> bool:
        """Whether the data's mean and standard deviation are known."""
        return self.normalisation.adapted

    def check_trained(self) -> None:
        """Refuse to be sampled before training, or after one that ended in NaN.

        Raises:
            InputError: the data's statistics are not known, or a weight is not finite.
        """
        if not self.adapted:
            raise InputError(
                "The model has not been trained: the mean of its data is not known.",
                repr(self.name),
                "Call fit first, or load a trained model.",
            )
        check_finite(self.weights)

    @property
    def data_mean(self) -> np.ndarray:
        """Mean of the training images, counts, shape (channels,)."""
        return self.normalisation.mean

    @property
    def data_standard_deviation(self) -> np.ndarray:
        """Standard deviation of the training images, counts, shape (channels,)."""
        return self.normalisation.standard_deviation

    @property
    def bounds(self) -> np.ndarray:
        """Lowest and highest count that the networks are shown, (2, channels)."""
        return self.normalisation.bounds

    @property
    def is_bounded(self) -> bool:
        """Whether there are such bounds; models from before there were any have none."""
        return self.normalisation.is_bounded

    def adapt(self, images: Any) -> None:
        """Measure mean, standard deviation and bounds of the images, and keep them in the model.

        The bounds are those of the noise model, unless it is `trainable`, or wider where the
        images hold structure beyond them. Pixels that are still outside are left out of the
        statistics, with a warning. The networks see them at the nearest bound, and they do not
        count in the likelihood.

        Args:
            images: array (n, y, x, channel) or, with one channel, (n, y, x), or a
                `tf.data.Dataset` of batches of such arrays; counts.

        Raises:
            InputError: the images hold NaN or infinity, or are all equal.
        """
        # one that is still to be learned does not know its range yet: then the pixels say
        learned = self.noise_model.trainable
        bounds = None if learned else noise_bounds(self.noise_model, self.channels)
        found = self.normalisation.adapt(images, bounds)
        if found.outliers is not None:
            warn_of_training({"training images": found.outliers}, 1, found.bounds)

    def fit(self, x: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Train as any Keras model; measures the data's mean and standard deviation first.

        Args:
            x: noisy images in counts: a `tf.data.Dataset` of batches (batch, y, x, channel), as
                `divnoising_tf.data.patches` makes, or an array.
            *args: as for `keras.Model.fit`.
            **kwargs: as for `keras.Model.fit`.

        Returns:
            The Keras history.
        """
        if isinstance(x, np.ndarray) and x.ndim == 3 and self.channels == 1:
            x = x[..., np.newaxis]
        if not self.adapted:
            self.adapt(x)
        if isinstance(x, tf.data.Dataset):
            # a data set shuffles itself; Keras warns about its own default otherwise
            kwargs.setdefault("shuffle", False)
        return super().fit(x, *args, **kwargs)

    def encode(self, images: Any) -> Context:
        """Return the context: all that samples of these images are decoded from.

        Args:
            images: (batch, y, x, channel), counts, any size from one pixel on.

        Returns:
            Tensors (batch, rows, columns, channel) on `context_grids` of the padded images.
        """
        return self.encode_normalised(self._seen(images))

    def decode(self, context: Context, noises: Noises) -> tf.Tensor:
        """Return signals of contexts and noise.

        Args:
            context: of `encode`.
            noises: standard normal, one tensor (batch, rows, columns, channel) per level. Either
                batch may be of one, which then stands for all.

        Returns:
            Counts, (batch, y, x, channel), of the padded size.
        """
        return self.normalisation.invert(self.decode_normalised(context, noises))

    def generate_from(self, noises: Noises) -> tf.Tensor:
        """Return signals of the prior from standard normal noise; see `decode`."""
        return self.normalisation.invert(self.generate_normalised(noises))

    def call(self, images: Any, training: bool = False) -> dict[str, tf.Tensor]:
        """Encode, draw one sample of every image, decode.

        Args:
            images: (batch, y, x, channel), counts.
            training: not used; both modes sample.

        Returns:
            "signal": one posterior sample per image, counts, shape of `images`; and what the
            family's `divergences` are made of.
        """
        return also_for_empty_batches(self._sample_once, images)

    def _sample_once(self, images: tf.Tensor) -> dict[str, tf.Tensor]:
        seed = seed_of_replica(tf.cast(self._seed_generator.next(), tf.int32))
        outputs = self.draw(self._seen(images), seed)
        signal = crop_to(self.normalisation.invert(outputs["signal"]), images)
        return {**outputs, "signal": signal}

    def _seen(self, images: Any) -> tf.Tensor:
        """Return images, counts, as the networks see them: normalised and padded."""
        bounded = self.normalisation.bounded(images)
        return pad_to_multiple(self.normalisation.apply(bounded), self.multiple)

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> tf.Tensor:
        """Return the negative evidence lower bound per pixel (Eqs. 6–10).

        reconstruction + β · weight · KL: the reconstruction is the mean of -ln p(x|s) over pixels,
        the KL divergence is divided by the number of pixels (the authors' scaling). Pixels beyond
        `bounds` say nothing about the signal and do not count. The annealed
        weight acts in training only, so that validation losses of all epochs compare. Under a
        `tf.distribute` strategy it is the share of one replica.
        """
        terms = evidence_terms(
            self.noise_model,
            x,
            y_pred["signal"],
            self.divergences(y_pred),
            self.normalisation.bounded(x),
        )
        weight = self.beta * (self.kl_weight.value if training else tf.constant(1.0))
        number = tf.shape(x)[0]
        self._reconstruction.update_state(terms.reconstruction, sample_weight=number)
        self._kl.update_state(terms.kl, sample_weight=number)
        self._weight.update_state(weight)
        self._active.update_state(tf.concat(terms.kl_per_channel, axis=0), sample_weight=number)
        if len(self.levels) > 1:
            for level, kl in enumerate(terms.kl_per_level):
                self._kl_of_levels[level].update_state(kl, sample_weight=number)
                self._active_of_levels[level].update_state(
                    terms.kl_per_channel[level], sample_weight=number
                )
        loss = tf.add_n([terms.reconstruction + weight * terms.kl, *self.losses])
        return loss * share_of_loss()

    def posterior(
        self,
        image: Any,
        axes: str | None = None,
        seed: int | None = 0,
        tile_size: int | None = None,
    ) -> Posterior:
        """Return the posterior p(s|x) of one noisy image or stack.

        Args:
            image: noisy image, counts, any size from one pixel on.
            axes: one letter per axis, such as "YX", "SYX", "TYX" or "CYX"; by default "YX" or
                "SYX" for one-channel models, "CYX" or "SCYX" otherwise.
            seed: same seed, same samples; None derives it from each plane's pixels.
            tile_size: of large images, pixels; None for what memory bears. It does not change
                the samples.

        Returns:
            A `Posterior`: `sample`, `samples`, `moments`.

        Raises:
            InputError: the image cannot be used, or the model has not been trained.
        """
        posterior = Posterior(self, image, axes, seed, tile_size)
        found = outliers(posterior.planes, bounds_of(self))
        if found is not None:
            warn_of_denoising({"the image": found}, 1, self)
        return posterior

    def generate(self, size: tuple[int, int], n: int = 1, seed: int = 0) -> np.ndarray:
        """Draw images from the prior p(z): what the model believes clean images look like.

        Args:
            size: (y, x) in pixels.
            n: number of images.
            seed: same seed, same images.

        Returns:
            float32 array (n, y, x), or (n, channel, y, x) with more than one channel; counts.
        """
        return generate_images(self, size, n, seed)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments; the data's statistics travel as weights."""
        return {
            "name": self.name,
            "trainable": self.trainable,
            "dtype": keras.saving.serialize_keras_object(self.dtype_policy),
            "noise_model": keras.saving.serialize_keras_object(self.noise_model),
            "channels": self.channels,
            "beta": self.beta,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Rebuild a model from `get_config`."""
        return cls(**deserialised(config, "noise_model", "dtype"))
