"""DivNoising: a variational autoencoder with latents on one grid."""

from divnoising_tf.models.divnoising.model import DivNoising

__all__ = ["DivNoising"]
