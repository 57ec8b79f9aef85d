"""Families of models, and what they share."""
