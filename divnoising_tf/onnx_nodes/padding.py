"""Images continued by their mirror image, as ONNX nodes."""

from divnoising_tf.onnx_nodes.nodes import Tensor, node


def pad_to_multiple(images: Tensor, multiple: int) -> Tensor:
    """Continue images by their mirror images, as `models.padding.pad_to_multiple` does."""
    for axis in (2, 3):
        size = images.size(axis)
        padded = (size + (multiple - 1)) // multiple * multiple
        place = node("Range", 0, padded, 1) % (2 * size)
        images = node("Gather", images, node("Min", place, 2 * size - 1 - place), axis=axis)
    return images
