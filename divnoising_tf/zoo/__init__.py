"""Trained models as packages of the BioImage Model Zoo."""
