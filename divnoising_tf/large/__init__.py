"""Images that do not fit in memory: read, denoised and written tile by tile."""

from divnoising_tf.large.denoising import denoise_large
from divnoising_tf.large.lazy_image import LazyImage
from divnoising_tf.large.opening import open_image

__all__ = ["LazyImage", "denoise_large", "open_image"]
