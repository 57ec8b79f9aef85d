"""The sizes of Hierarchical DivNoising as plain values."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, NonNegativeFloat, PositiveInt, model_validator

from divnoising_tf.errors import InputError
from divnoising_tf.models.hierarchical.model import INITIAL_LOG_VARIANCE, HierarchicalDivNoising
from divnoising_tf.models.hierarchical.sizes import LEVELS, sizes_of_levels
from divnoising_tf.models.latents import LOG_VARIANCE_RANGE
from divnoising_tf.models.settings import NetworkSettings
from divnoising_tf.noise_models import NoiseModel


def _as_tuple(sizes: Any) -> Any:
    # files know lists only
    return tuple(sizes) if isinstance(sizes, list) else sizes


_Sizes = Annotated[tuple[PositiveInt, ...] | None, BeforeValidator(_as_tuple)]


class HierarchicalSettings(NetworkSettings):
    """Arguments of `HierarchicalDivNoising`, see there.

    Example:
        >>> HierarchicalSettings(levels=2, latent_channels=[4, 8]).multiple
        4
    """

    family: Literal["hierarchical"] = "hierarchical"
    levels: PositiveInt = LEVELS
    level_channels: _Sizes = None
    latent_channels: _Sizes = None
    beta: NonNegativeFloat = 1.0
    initial_log_variance: Annotated[
        float, Field(ge=LOG_VARIANCE_RANGE[0], le=LOG_VARIANCE_RANGE[1])
    ] = INITIAL_LOG_VARIANCE

    @model_validator(mode="after")
    def _check_numbers(self) -> "HierarchicalSettings":
        try:
            sizes_of_levels(self.levels, self.level_channels, self.latent_channels)
        except InputError as error:
            # as pydantic says whatever else is wrong
            raise ValueError(str(error)) from error
        return self

    @property
    def multiple(self) -> int:
        """Sizes of images and patches are multiples of this, pixels."""
        return int(2**self.levels)

    def build(
        self, noise_model: NoiseModel, channels: int = 1, dtype: str = "float32"
    ) -> HierarchicalDivNoising:
        """Return a new model, see `NetworkSettings.build`."""
        arguments = self.model_dump(exclude={"family"})
        return HierarchicalDivNoising(noise_model, channels=channels, dtype=dtype, **arguments)
