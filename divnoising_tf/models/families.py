"""The families of models by name; importing this registers the classes that files name."""

from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple

from pydantic import BeforeValidator, SerializeAsAny

from divnoising_tf.errors import InputError
from divnoising_tf.models.base import VariationalDenoiser
from divnoising_tf.models.divnoising import DivNoising
from divnoising_tf.models.divnoising.settings import DivNoisingSettings
from divnoising_tf.models.hierarchical import HierarchicalDivNoising
from divnoising_tf.models.hierarchical.settings import HierarchicalSettings
from divnoising_tf.models.settings import NetworkSettings


class Entry(NamedTuple):
    """A family: the class of its models, and that of their settings."""

    model: type[VariationalDenoiser]
    settings: type[NetworkSettings]


FAMILIES: dict[str, Entry] = {
    "divnoising": Entry(DivNoising, DivNoisingSettings),
    "hierarchical": Entry(HierarchicalDivNoising, HierarchicalSettings),
}


def network_settings(values: Any) -> NetworkSettings:
    """Return the settings of the family that the values name; DivNoising if they name none.

    Args:
        values: a mapping of fields, or settings, which stay as they are.

    Raises:
        InputError: there is no such family.
        pydantic.ValidationError: a field is missing, unknown or not valid.

    Example:
        >>> network_settings({"depth": 3})
        DivNoisingSettings(family='divnoising', depth=3, ...)
    """
    if isinstance(values, NetworkSettings):
        return values
    fields = dict(values) if isinstance(values, Mapping) else {}
    name = fields.setdefault("family", "divnoising")
    if name not in FAMILIES:
        raise InputError(
            "There is no such family of models.", repr(name), f"Use one of {', '.join(FAMILIES)}."
        )
    return FAMILIES[name].settings.model_validate(fields)


def _chosen(values: Any) -> NetworkSettings:
    try:
        return network_settings(values)
    except InputError as error:
        # as pydantic says whatever else is wrong
        raise ValueError(str(error)) from error


Network = Annotated[SerializeAsAny[NetworkSettings], BeforeValidator(_chosen)]
"""Field of a pydantic model that holds the settings of any family."""
