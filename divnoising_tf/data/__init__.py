"""Reading images with named axes, and cutting them into patches for training."""

from divnoising_tf.data.axes import Planes, to_planes
from divnoising_tf.data.patches import patches

__all__ = ["Planes", "patches", "to_planes"]
