"""Sizes of networks as plain values, for the command line, recipes and files of settings."""

import abc
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from divnoising_tf.errors import InputError
from divnoising_tf.noise_models import NoiseModel

Settings = TypeVar("Settings", bound=BaseModel)


class NetworkSettings(BaseModel, abc.ABC):
    """What a family's networks are made with; each family has its own fields.

    No key is unknown, none is converted from another type.

    Attributes:
        family: name in `families.FAMILIES`.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    family: str

    @property
    @abc.abstractmethod
    def multiple(self) -> int:
        """Sizes of images and patches are multiples of this, pixels."""

    @abc.abstractmethod
    def build(self, noise_model: NoiseModel, channels: int = 1, dtype: str = "float32") -> Any:
        """Return a new model.

        Args:
            noise_model: p(x|s), counts.
            channels: of the images.
            dtype: Keras dtype policy, see `precision.chosen_precision`.
        """

    def for_strong_noise(self) -> "NetworkSettings":
        """Return these settings, changed to what images need that are mostly noise."""
        return self


def checked_settings(kind: type[Settings], values: Mapping[str, Any]) -> Settings:
    """Return settings of a kind, or refuse the values in words.

    Args:
        kind: class of the settings.
        values: of its fields.

    Raises:
        InputError: naming every field that is missing, unknown or not valid.

    Example:
        >>> from divnoising_tf.models.divnoising.settings import DivNoisingSettings
        >>> checked_settings(DivNoisingSettings, {"beta": -1.0})
        Traceback (most recent call last):
        divnoising_tf.errors.InputError: These settings cannot be used. Received: beta: ...
    """
    try:
        return kind.model_validate(dict(values))
    except ValidationError as error:
        reasons = [
            f"{'.'.join(map(str, one['loc'])).replace('_', ' ')}: {one['msg']}, "
            f"not {one['input']!r}"
            for one in error.errors()
        ]
        raise InputError(
            "These settings cannot be used.", "; ".join(reasons), "The defaults work."
        ) from error
