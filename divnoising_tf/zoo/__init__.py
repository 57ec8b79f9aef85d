"""Trained models as packages of the BioImage Model Zoo."""

from divnoising_tf.zoo.load import load
from divnoising_tf.zoo.metadata import Metadata
from divnoising_tf.zoo.metadata_file import read_metadata
from divnoising_tf.zoo.package import export
from divnoising_tf.zoo.sampling_graph import sampling_function, write_saved_model

__all__ = [
    "Metadata",
    "export",
    "load",
    "read_metadata",
    "sampling_function",
    "write_saved_model",
]
