"""The sizes of DivNoising as plain values."""

from typing import Annotated, Any, Literal

from pydantic import Field, NonNegativeFloat, PositiveInt

from divnoising_tf.models.divnoising.model import DivNoising
from divnoising_tf.models.latents import INITIAL_LOG_VARIANCE, LOG_VARIANCE_RANGE
from divnoising_tf.models.settings import NetworkSettings
from divnoising_tf.noise_models import NoiseModel

# where most of what the pixels vary by is noise, docs/training.md has what was measured
_STRONG_NOISE: dict[str, Any] = {"kernel_initializer": "he_normal", "initial_log_variance": -4.0}


class DivNoisingSettings(NetworkSettings):
    """Arguments of `DivNoising`, see there.

    Example:
        >>> DivNoisingSettings(depth=3).multiple
        8
    """

    family: Literal["divnoising"] = "divnoising"
    depth: PositiveInt = 2
    latent_channels: PositiveInt = 64
    base_channels: PositiveInt = 32
    beta: NonNegativeFloat = 1.0
    kernel_initializer: Annotated[str, Field(min_length=1)] = "glorot_uniform"
    initial_log_variance: Annotated[
        float, Field(ge=LOG_VARIANCE_RANGE[0], le=LOG_VARIANCE_RANGE[1])
    ] = INITIAL_LOG_VARIANCE

    @property
    def multiple(self) -> int:
        """Sizes of images and patches are multiples of this, pixels."""
        return int(2**self.depth)

    def build(
        self, noise_model: NoiseModel, channels: int = 1, dtype: str = "float32"
    ) -> DivNoising:
        """Return a new model, see `NetworkSettings.build`."""
        arguments = self.model_dump(exclude={"family"})
        return DivNoising(noise_model, channels=channels, dtype=dtype, **arguments)

    def for_strong_noise(self) -> "DivNoisingSettings":
        """Return settings whose decoder keeps listening while most of what it hears is noise."""
        return self.model_copy(update=_STRONG_NOISE)
