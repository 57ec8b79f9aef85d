"""Packages of the model zoo from recipes: data, noise model, training and package in one file."""

from divnoising_tf.zoo_build.build import build_package
from divnoising_tf.zoo_build.recipe import Recipe, read_recipe

__all__ = ["Recipe", "build_package", "read_recipe"]
