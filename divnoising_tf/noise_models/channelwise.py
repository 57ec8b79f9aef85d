"""One noise model per channel."""

from collections.abc import Callable, Iterable
from typing import Any

import keras
import tensorflow as tf

from divnoising_tf.errors import InputError
from divnoising_tf.noise_models.base import NoiseModel
from divnoising_tf.noise_models.tensors import float32


@keras.saving.register_keras_serializable("divnoising_tf")
class ChannelwiseNoiseModel(NoiseModel):
    """Each channel of the image has its own noise model; channels are independent.

    The last axis of observations and signals is the channel. The signal range is that which
    covers the ranges of all channels; the channels' own ranges are in `models`.

    Args:
        models: one `NoiseModel` per channel. Those that are trainable are learned.

    Raises:
        InputError: no noise models, or something else.

    Example:
        >>> from divnoising_tf.noise_models import GaussianNoiseModel
        >>> noise = ChannelwiseNoiseModel([GaussianNoiseModel(2.0), GaussianNoiseModel(3.0)])
        >>> noise.variance([[[10.0, 10.0]]]).numpy()
        array([[[4., 9.]]], dtype=float32)
    """

    def __init__(self, models: Iterable[NoiseModel], **kwargs: Any):
        models = list(models)
        if not models or not all(isinstance(model, NoiseModel) for model in models):
            raise InputError(
                "A channelwise noise model is made of noise models.",
                [type(model).__name__ for model in models],
                "Give a list of noise models, one per channel.",
            )
        ranges = [model.signal_range for model in models if model.signal_range is not None]
        covering = None
        if len(ranges) == len(models):
            covering = (min(low for low, _ in ranges), max(high for _, high in ranges))
        kwargs.setdefault("trainable", any(model.trainable for model in models))
        super().__init__(signal_range=covering, **kwargs)
        self.models = models
        self.built = True

    def log_prob(self, observation: Any, signal: Any) -> tf.Tensor:
        """Return ln p(observation | signal) of each channel, per count; shapes broadcast."""
        return self._per_channel("log_prob", observation, signal)

    def cdf(self, observation: Any, signal: Any) -> tf.Tensor:
        """Return P(x <= observation | signal) of each channel; shapes broadcast, counts."""
        return self._per_channel("cdf", observation, signal)

    def sample(self, signal: Any, seed: int) -> tf.Tensor:
        """Draw one noisy image, counts; the channels' noise is independent."""
        return self._joined(
            lambda model, channel, one: model.sample(one, seed=seed * len(self.models) + channel),
            signal,
        )

    def mean(self, signal: Any) -> tf.Tensor:
        """Return the mean of the observation, counts, of the shape of `signal`."""
        return self._per_channel("mean", signal)

    def variance(self, signal: Any) -> tf.Tensor:
        """Return the variance of the observation, counts squared, of the shape of `signal`."""
        return self._per_channel("variance", signal)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments, the noise models serialised."""
        return {
            "name": self.name,
            "trainable": self.trainable,
            "models": [keras.saving.serialize_keras_object(model) for model in self.models],
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "ChannelwiseNoiseModel":
        """Rebuild the noise models from `get_config`."""
        models = [keras.saving.deserialize_keras_object(model) for model in config["models"]]
        return cls(**{**config, "models": models})

    def __repr__(self) -> str:
        return f"ChannelwiseNoiseModel({', '.join(repr(model) for model in self.models)})"

    def _per_channel(self, method: str, *images: Any) -> tf.Tensor:
        return self._joined(lambda model, _, *parts: getattr(model, method)(*parts), *images)

    def _joined(self, function: Callable[..., tf.Tensor], *images: Any) -> tf.Tensor:
        """Apply a function of (model, channel, one image each) and join the channels."""
        tensors = [float32(image) for image in images]
        for tensor in tensors:
            if not tensor.shape or tensor.shape[-1] != len(self.models):
                raise InputError(
                    "The last axis of the image is not the channels of the noise model.",
                    f"shape {tuple(tensor.shape)}, {len(self.models)} noise models",
                    "Give images (..., channel), with as many channels as noise models.",
                )
        channels = [
            function(model, channel, *(tensor[..., channel] for tensor in tensors))
            for channel, model in enumerate(self.models)
        ]
        return tf.stack(channels, axis=-1)
