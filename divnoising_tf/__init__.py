"""Unsupervised diversity denoising of microscopy images (DivNoising) for Keras 3."""
