"""How close an image is to the truth: PSNR in its kinds, SSIM; and how diverse samples are."""

from divnoising_tf.metrics.diversity import psnr_standard_deviation
from divnoising_tf.metrics.signal_to_noise import psnr, psnr_affine, psnr_scale_invariant
from divnoising_tf.metrics.structure import ms_ssim, ssim

__all__ = [
    "ms_ssim",
    "psnr",
    "psnr_affine",
    "psnr_scale_invariant",
    "psnr_standard_deviation",
    "ssim",
]
