"""`divnoising noise-model`: measures what the camera does to a clean signal."""

from divnoising_tf.cli._application import application

noise_model_commands = application("Measure what the camera does, once for each camera setting.")
