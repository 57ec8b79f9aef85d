"""Reading images with named axes, and cutting them into patches for training."""
