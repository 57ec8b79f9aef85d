"""Measurements of speed; each module is a command, see `python -m benchmarks.map --help`."""
