"""Packages that were built from recipes, and their builder; see README.md."""
