"""A blind-spot denoiser (Noise2Void), from which noise models are bootstrapped."""

from divnoising_tf.blind_spot.denoiser import BlindSpotDenoiser
from divnoising_tf.blind_spot.training import fit_blind_spot

__all__ = ["BlindSpotDenoiser", "fit_blind_spot"]
