"""Measurements on real data; each module is a command, see `python -m experiments.w2s --help`."""
