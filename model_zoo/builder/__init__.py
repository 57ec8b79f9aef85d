"""Builds packages from recipes: images, noise model, training and package in one file."""

from model_zoo.builder.build import build_package
from model_zoo.builder.recipe import Recipe, read_recipe

__all__ = ["Recipe", "build_package", "read_recipe"]
