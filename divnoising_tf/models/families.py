"""The families of models by name; importing this registers the classes that files name."""

from typing import NamedTuple

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
