"""Hierarchical DivNoising: a variational autoencoder with latents on several grids."""

from divnoising_tf.models.hierarchical.model import HierarchicalDivNoising

__all__ = ["HierarchicalDivNoising"]
