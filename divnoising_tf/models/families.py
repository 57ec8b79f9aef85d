"""The families of models by name; importing this registers the classes that files name."""

from divnoising_tf.models.base import VariationalDenoiser
from divnoising_tf.models.divnoising import DivNoising

FAMILIES: dict[str, type[VariationalDenoiser]] = {"divnoising": DivNoising}

__all__ = ["FAMILIES", "DivNoising", "VariationalDenoiser"]
