"""Reading images with named axes, and cutting them into patches for training."""

from divnoising_tf.data.axes import Planes, to_planes
from divnoising_tf.data.image_metadata import ImageMetadata, PixelSize
from divnoising_tf.data.patches import patches
from divnoising_tf.data.reading import Image, image_files, read_image, read_images
from divnoising_tf.data.writing import write_image

__all__ = [
    "Image",
    "ImageMetadata",
    "PixelSize",
    "Planes",
    "image_files",
    "patches",
    "read_image",
    "read_images",
    "to_planes",
    "write_image",
]
